using System.Diagnostics;
using PretrainedTokenizers;
using Tests.Shared;
using Tokenizers.Tests.Support;

namespace Tokenizers.Tests.Files;

/// <summary>What the files beside a vocabulary say.</summary>
public sealed class DirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Gpt2_has_its_special_token_for_every_role()
    {
        BpeTokenizer tokenizer = Loaded.Get("tokenizer-gpt2");
        Assert.Equal((50256, 50256, 50256), (tokenizer.BosId, tokenizer.EosId, tokenizer.UnknownId));
        Assert.Null(tokenizer.PadId);
        Assert.Equal(1024, tokenizer.ModelMaxLength);
        Assert.Null(tokenizer.ChatTemplate);
        Assert.True(tokenizer.IsSpecial(50256));
        Assert.Equal("a", tokenizer.Decode([64, 50256], skipSpecialTokens: true));
        Assert.Equal("a<|endoftext|>", tokenizer.Decode([64, 50256]));
    }

    [SkippableTheory]
    [InlineData("vocab.json", "merges.txt")]
    [InlineData("tokenizer.json", null)]
    [InlineData("meta.json", null)]
    [InlineData("meta.pkl", null)]
    public async Task A_pipe_is_refused_and_not_waited_for(string pipe, string? beside)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Elsewhere opening a pipe waits for its writer.");
        using (var mkfifo = Process.Start("mkfifo", [_directory[pipe]]))
        {
            await mkfifo.WaitForExitAsync();
        }

        if (beside is not null)
        {
            await File.WriteAllTextAsync(_directory[beside], "#version: 0.2\n");
        }

        Task opening = Task.Run(() => Tokenizer.FromDirectory(_directory.Path));
        var e = await Assert.ThrowsAsync<TokenizerFormatException>(() => opening.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("This is a pipe, and not a file", Assert.Single(e.Problems));
    }

    [Fact]
    public void Without_a_word_about_it_the_end_of_text_begins_and_ends()
    {
        Assert.Equal((50256, 50256), (Loaded.Get("tokenizer-gpt2-json").BosId, Loaded.Get("tokenizer-gpt2-json").EosId));
        Assert.Null(new TestVocabulary().Load().EosId);
    }

    [Fact]
    public void Minimind_has_its_roles_and_its_chat_template()
    {
        BpeTokenizer tokenizer = Loaded.Get("tokenizer-minimind");
        Assert.Equal((1, 2, 0), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
        Assert.StartsWith("{%- if tools %}", tokenizer.ChatTemplate, StringComparison.Ordinal);
        Assert.Equal(36, tokenizer.AddedTokens.Count);
        Assert.Equal(6400, tokenizer.VocabularySize);
        Assert.Equal(131072, tokenizer.ModelMaxLength);
        Assert.False(tokenizer.IsSpecial(25));
        Assert.Equal("<think>", tokenizer.Decode([0, 25, 2], skipSpecialTokens: true));
        Assert.Equal([0, 25], tokenizer.Encode("<|endoftext|><think>"));
        int[] mixed = tokenizer.Encode("<|endoftext|><think>", new EncodeOptions { AddedTokens = AddedTokenHandling.SpecialAsText });
        Assert.Equal(25, mixed[^1]);
        Assert.DoesNotContain(0, mixed);
        Assert.DoesNotContain(25, tokenizer.Encode("<|endoftext|><think>", EncodeOptions.Ordinary));
    }

    [Fact]
    public void Flags_for_the_beginning_and_the_end_count_where_no_template_does()
    {
        Write(new TestVocabulary(), "tokenizer_config.json", """{"add_bos_token":true,"add_eos_token":true,"bos_token":"a","eos_token":{"content":"b","lstrip":false},"pad_token":"<none>"}""");
        BpeTokenizer tokenizer = BpeTokenizer.FromDirectory(_directory.Path);
        Assert.Equal(["a", "x", "b"], tokenizer.Encode("x").Select(tokenizer.GetToken));
        Assert.Equal(["x"], tokenizer.Encode("x", new EncodeOptions { AddSpecialTokens = false }).Select(tokenizer.GetToken));
        Assert.Null(tokenizer.PadId);
    }

    [Fact]
    public void The_configuration_decides_on_a_space_before_the_text()
    {
        Write(new TestVocabulary("Ġ x"), "tokenizer_config.json", """{"add_prefix_space":true}""");
        Assert.Equal(256, Assert.Single(BpeTokenizer.FromDirectory(_directory.Path).Encode("x")));
    }

    [Fact]
    public void Tokens_that_only_the_configuration_adds_are_recognised()
    {
        Write(
            new TestVocabulary(),
            "tokenizer_config.json",
            """{"added_tokens_decoder":{"300":{"content":"<a>","special":true,"rstrip":true},"301":{"content":"<b>"}},"chat_template":[{"name":"default","template":"T"},{"name":"tool_use","template":"U"}]}""");
        File.WriteAllText(_directory["added_tokens.json"], """{"<b>":301,"<c>":302}""");
        File.WriteAllText(_directory["special_tokens_map.json"], """{"eos_token":"<c>","additional_special_tokens":["<b>"]}""");
        BpeTokenizer tokenizer = BpeTokenizer.FromDirectory(_directory.Path);
        Assert.Equal([300, 301, 302], tokenizer.Encode("<a>  <b><c>"));
        Assert.Equal(302, tokenizer.EosId);
        Assert.True(tokenizer.IsSpecial(302));
        Assert.Equal(("T", "U"), (tokenizer.ChatTemplate, tokenizer.ChatTemplates["tool_use"]));
    }

    [Fact]
    public void A_template_file_replaces_the_configurations()
    {
        Write(new TestVocabulary(), "tokenizer_config.json", """{"chat_template":"old"}""");
        File.WriteAllText(_directory["chat_template.jinja"], "new é");
        Assert.Equal("new é", Tokenizer.FromDirectory(_directory.Path).ChatTemplate);
    }

    [Fact]
    public void The_older_files_of_Qwen2_are_cut_by_its_own_pattern_and_normalized()
    {
        WritePair(new TestVocabulary(), "Qwen2Tokenizer");
        BpeTokenizer tokenizer = BpeTokenizer.FromDirectory(_directory.Path);
        Assert.Equal(tokenizer.Encode("\u00e9"), tokenizer.Encode("e\u0301"));
        WritePair(new TestVocabulary("1 2"), "Qwen2Tokenizer");
        Assert.Equal(2, BpeTokenizer.FromDirectory(_directory.Path).Count("12"));
        WritePair(new TestVocabulary("1 2"), "GPT2Tokenizer");
        Assert.Equal(1, BpeTokenizer.FromDirectory(_directory.Path).Count("12"));
    }

    [Fact]
    public void A_class_that_cuts_otherwise_is_refused_by_name()
    {
        WritePair(new TestVocabulary(), "RobertaTokenizer");
        Assert.Contains("RobertaTokenizer", Assert.Throws<TokenizerUnsupportedException>(() => BpeTokenizer.FromDirectory(_directory.Path)).Message, StringComparison.Ordinal);
        TestVocabulary clip = new();
        clip.Vocabulary["!</w>"] = 300;
        WritePair(clip, "GPT2Tokenizer");
        Assert.Contains("</w>", Assert.Throws<TokenizerUnsupportedException>(() => BpeTokenizer.FromDirectory(_directory.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merges_begin_after_the_comment_and_may_look_like_one()
    {
        WritePair(new TestVocabulary("# #", "# version"[..3]), "GPT2Tokenizer");
        File.WriteAllText(_directory["merges.txt"], "#version: 0.2\r\n# #\r\n\r\n");
        Assert.Equal(1, BpeTokenizer.FromDirectory(_directory.Path).Count("##"));
        File.WriteAllText(_directory["merges.txt"], "# #");
        Assert.Equal(1, BpeTokenizer.FromDirectory(_directory.Path).Count("##"));
    }

    [Fact]
    public void Files_of_two_tokenizers_are_told_with_their_lines()
    {
        WritePair(new TestVocabulary(), "GPT2Tokenizer");
        File.WriteAllText(_directory["merges.txt"], "#version: 0.2\na b\nq\n");
        var e = Assert.Throws<TokenizerFormatException>(() => BpeTokenizer.FromDirectory(_directory.Path));
        Assert.Equal(2, e.Problems.Count);
        Assert.Contains("line 2", e.Message, StringComparison.Ordinal);
        Assert.Contains("line 3", e.Message, StringComparison.Ordinal);
        Assert.Contains("must be of one tokenizer", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("merges.txt", e.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_a_file()
    {
        WritePair(new TestVocabulary("a b"), "GPT2Tokenizer");
        foreach (string name in new[] { "vocab.json", "merges.txt", "tokenizer_config.json" })
        {
            File.WriteAllText(_directory[name], File.ReadAllText(_directory[name]), new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        }

        Assert.Equal(1, BpeTokenizer.FromDirectory(_directory.Path).Count("ab"));
    }

    [Theory]
    [InlineData("""{"bos_token":1}""", "bos_token")]
    [InlineData("""{"add_bos_token":"yes"}""", "add_bos_token")]
    [InlineData("""{"chat_template":1}""", "chat_template")]
    [InlineData("""{"chat_template":[{"name":"x"}]}""", "chat_template")]
    [InlineData("""{"added_tokens_decoder":[]}""", "added_tokens_decoder")]
    [InlineData("""{"added_tokens_decoder":{"-1":{"content":"x"}}}""", "added_tokens_decoder")]
    [InlineData("""{"added_tokens_decoder":{"3":{"content":"<x>"}}}""", "another token's")]
    [InlineData("""{"eos_token":"\ud800"}""", "not valid Unicode")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("", "not valid JSON")]
    public void A_broken_configuration_is_refused_with_its_name(string json, string expected)
    {
        Write(new TestVocabulary(), "tokenizer_config.json", json);
        var e = Assert.Throws<TokenizerFormatException>(() => BpeTokenizer.FromDirectory(_directory.Path));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.EndsWith("tokenizer_config.json", e.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_without_a_tokenizer_says_what_was_looked_for()
    {
        var e = Assert.Throws<TokenizerNotFoundException>(() => Tokenizer.FromDirectory(_directory.Path));
        Assert.Equal(["tokenizer.json", "vocab.json", "merges.txt"], e.Tried);
        Assert.Contains("no such directory", Assert.Throws<TokenizerNotFoundException>(() => Tokenizer.FromDirectory(_directory["nowhere"])).Message, StringComparison.Ordinal);
        File.WriteAllText(_directory["vocab.json"], "{}");
        Assert.Throws<TokenizerNotFoundException>(() => Tokenizer.FromDirectory(_directory.Path));
    }

    [Theory]
    [InlineData("vocab.txt", "WordPiece")]
    [InlineData("tokenizer.model", "SentencePiece")]
    public void A_vocabulary_of_another_kind_is_refused_by_name(string name, string kind)
    {
        File.WriteAllText(_directory[name], "x");
        var e = Assert.Throws<TokenizerUnsupportedException>(() => Tokenizer.FromDirectory(_directory.Path));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
        Assert.Contains(kind, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestVocabulary().Load(new TokenizerOptions { CacheSize = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestVocabulary().Load(new TokenizerOptions { Limits = new TokenizerLimits { MaxFileBytes = 0 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestVocabulary().Load().Encode("x", new EncodeOptions { AddedTokens = (AddedTokenHandling)9 }));
        Assert.Throws<ArgumentNullException>(() => BpeTokenizer.FromDirectory(null!));
    }

    private void Write(TestVocabulary vocabulary, string name, string json)
    {
        File.WriteAllText(_directory["tokenizer.json"], vocabulary.Json.ToJsonString());
        File.WriteAllText(_directory[name], json);
    }

    private void WritePair(TestVocabulary vocabulary, string tokenizerClass)
    {
        var (tokens, merges) = vocabulary.Pair();
        File.WriteAllText(_directory["vocab.json"], tokens);
        File.WriteAllText(_directory["merges.txt"], merges);
        File.WriteAllText(_directory["tokenizer_config.json"], $$"""{"tokenizer_class":"{{tokenizerClass}}"}""");
    }
}
