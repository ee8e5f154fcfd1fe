using Importer.Generation;
using Importer.Models;
using Importer.Models.Gpt;
using Importer.Models.Layers;
using PretrainedTokenizers;
using Tests.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Tests.Generation;

public sealed class TextGeneratorTests : IDisposable
{
    private static readonly Tokenizer Tiny = Tokenizer.FromDirectory(Repository.Fixture("tokenizer-tiny"));

    private readonly PretrainedModel _model = RandomModel();
    private readonly TextGenerator _generator;

    public TextGeneratorTests() => _generator = new TextGenerator(_model, Tiny);

    public void Dispose()
    {
        _generator.Dispose();
        _model.Dispose();
    }

    [Fact]
    public async Task Characters_that_are_split_over_tokens_come_out_whole()
    {
        const string text = "one 生命 🙂🏽 two";
        int[] ids = Tiny.Encode(text);
        Assert.True(ids.Length > text.Length / 2);
        var parts = new List<string>();

        await foreach (var part in _generator.StreamAsync("start", Says(ids)))
        {
            parts.Add(part.Text);
        }

        Assert.Equal(ids.Length, parts.Count);
        Assert.Equal(text, string.Concat(parts));
        Assert.DoesNotContain(parts, part => part.Contains('\uFFFD'));
        Assert.Contains("", parts);
        Assert.Equal(text, _generator.Generate("start", Says(ids)).Text);
    }

    [Fact]
    public void A_character_that_stays_incomplete_shows()
    {
        int[] ids = Tiny.Encode("ok 🙂")[..^1];
        Assert.Equal("ok \uFFFD", _generator.Generate("start", Says(ids)).Text);
    }

    [Fact]
    public async Task Stop_strings_end_a_text_even_over_the_boundaries_of_tokens()
    {
        int[] ids = [.. Tiny.Encode("first line\nUs"), .. Tiny.Encode("er: more and more")];
        var options = Says(ids);
        var text = new TextOptions { StopStrings = ["\nUser:", "never"] };

        var result = _generator.Generate("start", options, text);

        Assert.Equal("first line", result.Text);
        Assert.Equal(FinishReason.StopString, result.FinishReason);
        Assert.True(result.Ids.Count < ids.Length);
        var parts = new List<GeneratedTextPart>();
        await foreach (var part in _generator.StreamAsync("start", options, text))
        {
            parts.Add(part);
        }

        Assert.Equal("first line", string.Concat(parts.Select(part => part.Text)));
        Assert.Equal(FinishReason.StopString, parts[^1].FinishReason);
    }

    [Fact]
    public async Task A_stream_that_is_enumerated_again_begins_again()
    {
        int[] ids = [.. Tiny.Encode("first line\nUs"), .. Tiny.Encode("er: more")];
        var stream = _generator.StreamAsync("start", Says(ids), new TextOptions { StopStrings = ["\nUser:"] });
        for (int time = 0; time < 2; time++)
        {
            var parts = new List<GeneratedTextPart>();
            await foreach (var part in stream)
            {
                parts.Add(part);
            }

            Assert.Equal("first line", string.Concat(parts.Select(part => part.Text)));
            Assert.Equal(FinishReason.StopString, parts[^1].FinishReason);
        }
    }

    [Fact]
    public void What_might_have_become_a_stop_string_is_in_the_text_where_it_did_not()
    {
        int[] ids = Tiny.Encode("a line\nUse");
        Assert.Equal("a line\nUse", _generator.Generate("start", Says(ids), new() { StopStrings = ["\nUser:"] }).Text);
    }

    [Fact]
    public void The_tokenizers_end_of_text_ends_it_and_does_not_show()
    {
        int[] ids = [.. Tiny.Encode("done"), Tiny.EosId!.Value, .. Tiny.Encode("beyond")];

        var result = _generator.Generate("start", Says(ids));
        var through = _generator.Generate("start", Says(ids, stopTokens: []), new() { SkipSpecialTokens = false });

        Assert.Equal("done", result.Text);
        Assert.Equal(FinishReason.StopToken, result.FinishReason);
        Assert.Equal(Tiny.EosId, result.Ids[^1]);
        Assert.Equal("done<|endoftext|>beyond", through.Text);
        Assert.Equal(FinishReason.Length, through.FinishReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stop_string_that_is_a_special_token_ends_a_text_whether_or_not_such_tokens_show(bool skip)
    {
        int[] ids = [.. Tiny.Encode("done"), Tiny.GetId("<|endoftext|>")!.Value, .. Tiny.Encode("beyond")];

        var result = _generator.Generate("start", Says(ids, stopTokens: []), new() { StopStrings = ["<|endoftext|>"], SkipSpecialTokens = skip });

        Assert.Equal("done", result.Text);
        Assert.Equal(skip ? FinishReason.StopToken : FinishReason.StopString, result.FinishReason);
    }

    [Fact]
    public void Prompts_of_different_lengths_and_samples_keep_their_texts_apart()
    {
        var options = new GenerationOptions { MaxNewTokens = 8, NumSamples = 2, Temperature = 1, Seed = 5, StopTokens = [] };
        var results = _generator.Generate(["a", "a longer prompt"], options);

        Assert.Equal(4, results.Count);
        Assert.All(results, result => Assert.Equal(Tiny.Decode([.. result.Ids], skipSpecialTokens: true), result.Text));
        Assert.Equal(_generator.Generate("a longer prompt", options).Text, results[2].Text);
    }

    [Fact]
    public void Misuse_is_named()
    {
        Assert.Contains("no token", Assert.Throws<ArgumentException>(() => _generator.Generate("")).Message);
        Assert.Contains("Prompt 1 is null", Assert.Throws<ArgumentException>(() => _generator.Generate(["a", null!])).Message);
        Assert.Contains("hook is null", Assert.Throws<ArgumentException>(() => _generator.Generate("a", new() { LogitsHooks = [null!] })).Message);
        Assert.Contains("stop string", Assert.Throws<ArgumentException>(() => _generator.Generate("a", text: new() { StopStrings = [""] })).Message);
    }

    [Fact]
    public async Task A_directory_becomes_a_generator_in_one_call()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.CopyFixture("tiny-gpt2");
        Assert.Throws<TokenizerNotFoundException>(() => TextGenerator.FromPretrained(path, new() { Device = CPU }));

        string characters = string.Concat(Enumerable.Range(32, 211).Select(i => (char)(i < 127 ? i : i + 34)));
        string Entry(char character) => System.Text.Json.JsonSerializer.Serialize(character.ToString());
        File.WriteAllText(
            Path.Combine(path, "meta.json"),
            $$"""{"vocab_size": 211, "itos": { {{string.Join(',', characters.Select((c, i) => $"\"{i}\": {Entry(c)}"))}} }, "stoi": { {{string.Join(',', characters.Select((c, i) => $"{Entry(c)}: {i}"))}} } }""");
        using var generator = TextGenerator.FromPretrained(path, new() { Device = CPU });
        using var asynchronous = await TextGenerator.FromPretrainedAsync(path, new() { Device = CPU });

        var result = generator.Generate("Hi!", new() { MaxNewTokens = 12, StopTokens = [] });

        Assert.Equal([210], generator.Tokens.Defaults.StopTokens);
        Assert.Equal(12, result.Text.Length);
        Assert.Equal(generator.Tokens.Generate([40, 73, 1], new() { MaxNewTokens = 12, StopTokens = [] })[0].Ids, result.Ids);
        Assert.Equal(result.Text, asynchronous.Generate("Hi!", new() { MaxNewTokens = 12, StopTokens = [] }).Text);
    }

    private static GptModel RandomModel()
    {
        using var generator = new Generator(3);
        var config = new GptConfig { VocabSize = 657, BlockSize = 64, EmbeddingSize = 16, LayerCount = 1, HeadCount = 2 };
        var model = new GptModel(config, new ParameterScope((_, shape) => new Parameter((randn(shape, generator: generator) * 0.3).DetachFromDisposeScope())));
        model.eval();
        return model;
    }

    /// <summary>Options under which exactly these tokens are made.</summary>
    private static GenerationOptions Says(int[] ids, int[]? stopTokens = null) => new()
    {
        MaxNewTokens = ids.Length,
        StopTokens = stopTokens,
        LogitsHooks = [(in LogitsContext context, Span<float> logits) => logits[ids[context.Ids.Length - context.PromptLength]] = float.PositiveInfinity],
    };
}
