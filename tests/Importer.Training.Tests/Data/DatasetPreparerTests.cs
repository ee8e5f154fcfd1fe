using System.Text;
using System.Text.Json.Nodes;
using Importer.Training.Data;
using PretrainedTokenizers;
using Tests.Shared;

namespace Importer.Training.Tests.Data;

public sealed class DatasetPreparerTests : IDisposable
{
    private static readonly PrepareOptions Gpt2 = new() { Tokenizer = DatasetTokenizerSource.FromDirectory(Repository.Fixture("tokenizer-gpt2")) };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Characters_are_prepared_as_nanogpt_does()
    {
        // 23 characters, one of them outside the BMP: Python counts it once, and cuts after int(23 * 0.9) = 20.
        const string text = "First Citizen: \U0001F600 é\nXYZW";
        string prepared = await Prepare(text);
        Rune[] runes = [.. text.EnumerateRunes()];
        Rune[] vocabulary = [.. runes.Distinct().OrderBy(rune => rune.Value)];
        Assert.Equal(runes[..20].Select(rune => (ushort)Array.IndexOf(vocabulary, rune)), Tokens(prepared, "train.bin"));
        Assert.Equal(runes[20..].Select(rune => (ushort)Array.IndexOf(vocabulary, rune)), Tokens(prepared, "val.bin"));
        Assert.Equal(vocabulary, CharTokenizer.FromMeta(Path.Combine(prepared, "meta.pkl")).Characters);
        Assert.Equal(vocabulary, CharTokenizer.FromMeta(Path.Combine(prepared, "meta.json")).Characters);
        Assert.Equal(["meta.json", "meta.pkl", "train.bin", "val.bin"], Names(prepared));
        using var data = TokenDataset.Open(prepared);
        Assert.Equal((vocabulary.Length, "uint16", 23L, 1L), (data.Meta!.VocabSize, data.Meta.DType, data.Meta.Source.Characters, data.Meta.Source.Documents));
    }

    [Fact]
    public async Task Bpe_encodes_each_part_by_itself_and_no_added_token()
    {
        string text = string.Concat(Enumerable.Repeat("Before we proceed any further, hear me speak.<|endoftext|>\n\n  生命 \U0001F600", 40));
        string prepared = await Prepare(text, Gpt2);
        var tokenizer = BpeTokenizer.FromDirectory(Repository.Fixture("tokenizer-gpt2"));
        Rune[] runes = [.. text.EnumerateRunes()];
        int cut = (int)(runes.Length * 0.9);
        Assert.Equal(Encode(runes[..cut]), Tokens(prepared, "train.bin").Select(id => (int)id));
        Assert.Equal(Encode(runes[cut..]), Tokens(prepared, "val.bin").Select(id => (int)id));
        Assert.DoesNotContain((ushort)50256, Tokens(prepared, "train.bin"));
        using var data = TokenDataset.Open(prepared);
        Assert.Equal(50257, data.VocabularySize);
        Assert.Equal("bpe", data.Meta!.Tokenizer.Kind);

        int[] Encode(Rune[] part) => tokenizer.Encode(string.Concat(part.Select(rune => rune.ToString())), EncodeOptions.Ordinary);
    }

    [Fact]
    public async Task Line_endings_become_line_feeds_as_in_python()
    {
        string prepared = await Prepare("ab\r\ncd\rab\n\r\n\rx", new PrepareOptions { ValFraction = 0 });
        using var data = TokenDataset.Open(prepared);
        Assert.Equal("ab\ncd\nab\n\n\nx", data.Tokenizer!.Decode([.. Tokens(prepared, "train.bin").Select(id => (int)id)]));
        Assert.Equal(0, data.Val.Count);
    }

    [Fact]
    public async Task A_text_of_many_blocks_is_what_it_is_at_once()
    {
        // Characters of every length in UTF-8, over several blocks, so that some are cut by each block's end.
        var random = new Random(1);
        string[] alphabet = ["a", " ", "\n", "é", "生", "\U0001F600", "z", "7"];
        string text = string.Concat(Enumerable.Range(0, 300_000).Select(_ => alphabet[random.Next(alphabet.Length)]));
        string prepared = await Prepare(text, Gpt2);
        Rune[] runes = [.. text.EnumerateRunes()];
        string train = string.Concat(runes[..(int)(runes.Length * 0.9)].Select(rune => rune.ToString()));
        Assert.Equal(Gpt2.Tokenizer.Tokenizer!.Encode(train, EncodeOptions.Ordinary), Tokens(prepared, "train.bin").Select(id => (int)id));
    }

    [Fact]
    public async Task Added_tokens_are_what_the_model_was_trained_on_and_special_ones_are_text()
    {
        // As GPT-NeoX has its runs of spaces.
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Fixture("tokenizer-tiny"), "tokenizer.json")))!;
        var special = json["added_tokens"]!.AsArray().Single()!;
        var spaces = special.DeepClone();
        (spaces["id"], spaces["content"], spaces["special"]) = ((int)special["id"]! + 1, "    ", false);
        json["added_tokens"]!.AsArray().Add(spaces);
        Directory.CreateDirectory(_directory["tokenizer"]);
        File.WriteAllText(_directory["tokenizer/tokenizer.json"], json.ToJsonString());
        string prepared = await Prepare(
            "if x:\n    y <|endoftext|>", new() { ValFraction = 0, Tokenizer = DatasetTokenizerSource.FromDirectory(_directory["tokenizer"]) });
        var ids = Tokens(prepared, "train.bin").Select(id => (int)id).ToList();
        Assert.Single(ids, (int)spaces["id"]!);
        Assert.DoesNotContain((int)special["id"]!, ids);
    }

    [Fact]
    public async Task Documents_of_json_lines_end_with_the_end_of_text()
    {
        File.WriteAllText(_directory["docs.jsonl"], "\uFEFF{\"text\": \"Hello\", \"n\": [1, {\"text\": 2}]}\r\n\n{\"id\": 2, \"text\": \"\\u751f\\ud83d\\ude00 world\"}\n{\"text\": \"\"}\n{\"text\":\"end\"}");
        string prepared = (await DatasetPreparer.PrepareAsync(_directory["docs.jsonl"], _directory["out"], Gpt2)).Directory;
        var tokenizer = Gpt2.Tokenizer.Tokenizer!;
        Assert.Equal([.. tokenizer.Encode("Hello"), 50256, .. tokenizer.Encode("生\U0001F600 world"), 50256, 50256], Tokens(prepared, "train.bin").Select(id => (int)id));
        Assert.Equal([.. tokenizer.Encode("end"), 50256], Tokens(prepared, "val.bin").Select(id => (int)id));
        using var data = TokenDataset.Open(prepared);
        Assert.Equal((4L, "text", 50256), (data.Meta!.Source.Documents, data.Meta.Source.Field, data.Meta.Tokenizer.Eos));
    }

    [Fact]
    public async Task Documents_of_characters_end_with_a_line_break()
    {
        File.WriteAllText(_directory["docs.jsonl"], "{\"body\":\"ab\"}\n{\"body\":\"ba\"}\n");
        string prepared = (await DatasetPreparer.PrepareAsync(_directory["docs.jsonl"], _directory["out"], new PrepareOptions { TextField = "body", ValFraction = 0.5 })).Directory;
        using var data = TokenDataset.Open(prepared);
        Assert.Equal(3, data.VocabularySize);
        Assert.Equal([1, 2, 0], Tokens(prepared, "train.bin"));
        Assert.Equal([2, 1, 0], Tokens(prepared, "val.bin"));
    }

    [Fact]
    public async Task A_directory_is_read_in_the_order_of_its_names()
    {
        Directory.CreateDirectory(_directory["texts", "sub", ".hidden"]);
        File.WriteAllText(_directory["texts", "b.txt"], "b");
        File.WriteAllText(_directory["texts", "a.md"], "a");
        File.WriteAllText(_directory["texts", "sub", "c.jsonl"], "{\"text\":\"c\"}\n{\"text\":\"d\"}");
        File.WriteAllText(_directory["texts", "sub", ".hidden", "x.txt"], "x");
        File.WriteAllText(_directory["texts", ".y.txt"], "y");
        File.WriteAllText(_directory["texts", "image.png"], "z");
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateSymbolicLink(_directory["texts", "loop"], _directory["texts"]);
        }

        var result = await DatasetPreparer.PrepareAsync(_directory["texts"], _directory["out"], new PrepareOptions { ValFraction = 0.25 });
        using var data = TokenDataset.Open(result.Directory);
        Assert.Equal("a\nb\nc\n", data.Tokenizer!.Decode([.. Tokens(result.Directory, "train.bin").Select(id => (int)id)]));
        Assert.Equal("d\n", data.Tokenizer.Decode([.. Tokens(result.Directory, "val.bin").Select(id => (int)id)]));
        Assert.Equal((3, 4L, 4L), (data.Meta!.Source.Files, data.Meta.Source.Documents, data.Meta.Source.Characters));
        Assert.Equal(["1 files of the directory are no text by their names and were passed over"], result.Notes);
    }

    [Fact]
    public async Task The_same_text_is_prepared_once()
    {
        string text = Text("some text for this\n");
        Assert.Equal(PrepareOutcome.Prepared, (await DatasetPreparer.PrepareAsync(text, _directory["out"])).Outcome);
        var before = File.GetLastWriteTimeUtc(_directory["out", "train.bin"]);
        var again = await DatasetPreparer.PrepareAsync(text, _directory["out"]);
        Assert.Equal(PrepareOutcome.UpToDate, again.Outcome);
        Assert.Equal(before, File.GetLastWriteTimeUtc(_directory["out", "train.bin"]));
        Assert.Equal(19, again.Meta.Source.Characters);
    }

    [Theory]
    [InlineData("train.bin")]
    [InlineData("meta.pkl")]
    [InlineData("meta.json")]
    public async Task What_was_damaged_is_made_anew(string name)
    {
        string text = Text("some text for this\n");
        await DatasetPreparer.PrepareAsync(text, _directory["out"]);
        byte[] good = File.ReadAllBytes(_directory["out", "train.bin"]), meta = File.ReadAllBytes(_directory["out", "meta.json"]);
        byte[] bad = File.ReadAllBytes(_directory["out", name]);
        File.WriteAllBytes(_directory["out", name], name == "train.bin" ? [.. bad[..^1], 99] : bad[..^3]);
        Assert.Equal(PrepareOutcome.Replaced, (await DatasetPreparer.PrepareAsync(text, _directory["out"])).Outcome);
        Assert.Equal(good, File.ReadAllBytes(_directory["out", "train.bin"]));
        Assert.Equal(meta, File.ReadAllBytes(_directory["out", "meta.json"]));
    }

    [Fact]
    public async Task Other_prepared_data_is_replaced_only_by_force()
    {
        string text = Text("some text for this\n");
        await DatasetPreparer.PrepareAsync(text, _directory["out"]);
        File.AppendAllText(text, "more, more");
        byte[] before = File.ReadAllBytes(_directory["out", "train.bin"]);
        var error = await Assert.ThrowsAsync<DatasetExistsException>(() => DatasetPreparer.PrepareAsync(text, _directory["out"], new PrepareOptions { ValFraction = 0.2 }));
        Assert.Equal(3, error.Differences.Count); // the text, its characters (a comma is new), the split
        Assert.Equal(before, File.ReadAllBytes(_directory["out", "train.bin"]));
        Assert.Equal(PrepareOutcome.Replaced, (await DatasetPreparer.PrepareAsync(text, _directory["out"], new PrepareOptions { ValFraction = 0.2, Force = true })).Outcome);
    }

    [Theory]
    [InlineData("notes.doc", "which no preparation wrote")]
    [InlineData("train.bin", "but no meta.json that says")]
    public async Task What_no_preparation_wrote_is_never_replaced(string name, string problem)
    {
        Directory.CreateDirectory(_directory["out"]);
        File.WriteAllText(_directory["out", name], "precious");
        var error = await Assert.ThrowsAsync<DatasetExistsException>(() => DatasetPreparer.PrepareAsync(Text("text"), _directory["out"], new PrepareOptions { Force = true }));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal([name], Names(_directory["out"]));
        File.WriteAllText(_directory["file"], "precious");
        await Assert.ThrowsAsync<DatasetExistsException>(() => DatasetPreparer.PrepareAsync(Text("text"), _directory["file"], new PrepareOptions { Force = true }));
    }

    [SkippableFact]
    public async Task A_link_stays_and_what_it_points_to_is_prepared()
    {
        Skip.If(OperatingSystem.IsWindows(), "links");
        Directory.CreateDirectory(_directory["real"]);
        Directory.CreateSymbolicLink(_directory["link"], _directory["real"]);
        await DatasetPreparer.PrepareAsync(Text("some text"), _directory["link"]);
        Assert.Equal(_directory["real"], new DirectoryInfo(_directory["link"]).LinkTarget);
        Assert.Contains("train.bin", Names(_directory["real"]));
        Directory.CreateSymbolicLink(_directory["loose"], _directory["nothing"]);
        await Assert.ThrowsAsync<DatasetExistsException>(() => DatasetPreparer.PrepareAsync(Text("some text"), _directory["loose"]));
    }

    [Theory]
    [InlineData("texts", true)]
    [InlineData("texts/data", true)]
    [InlineData("texts/../texts/a/b", true)]
    [InlineData("texts-data", false)]
    [InlineData("..data", false)]
    public async Task Nothing_is_written_among_the_texts(string output, bool refused)
    {
        Directory.CreateDirectory(_directory["texts"]);
        File.WriteAllText(_directory["texts", "a.txt"], "some text");
        File.WriteAllText(_directory["texts", "b.txt"], "some text");
        if (refused)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => DatasetPreparer.PrepareAsync(_directory["texts"], _directory[output]));
            await Assert.ThrowsAsync<ArgumentException>(() => TokenDataset.OpenAsync(_directory["texts"], _directory[output]));
            Assert.Equal(["a.txt", "b.txt"], Names(_directory["texts"]));
        }
        else
        {
            await DatasetPreparer.PrepareAsync(_directory["texts"], _directory[output]);
        }
    }

    [Fact]
    public async Task Nothing_is_left_of_what_failed_or_was_cancelled()
    {
        string text = Text(string.Concat(Enumerable.Repeat("some text for this\n", 30_000)));
        foreach (var phase in new[] { PreparePhase.Reading, PreparePhase.Encoding })
        {
            using var cancellation = new CancellationTokenSource();
            var options = new PrepareOptions { Progress = new Report(progress => { if (progress.Phase == phase && progress.BytesDone > 0) { cancellation.Cancel(); } }) };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DatasetPreparer.PrepareAsync(text, _directory["out"], options, cancellation.Token));
            Assert.Equal(["text.txt"], Names(_directory.Path));
        }

        // The vocabulary comes from elsewhere and lacks a character that is found on the way.
        Directory.CreateDirectory(_directory["vocabulary"]);
        CharTokenizer.FromText("some txt").Save(_directory["vocabulary", "meta.pkl"]);
        var other = new PrepareOptions { Tokenizer = DatasetTokenizerSource.FromDirectory(_directory["vocabulary"]) };
        await Assert.ThrowsAsync<TokenizerTextException>(() => DatasetPreparer.PrepareAsync(text, _directory["out"], other));
        Assert.Equal(["text.txt", "vocabulary"], Names(_directory.Path));
    }

    [Fact]
    public async Task A_text_that_changes_between_its_readings_is_refused()
    {
        string text = Text(string.Concat(Enumerable.Repeat("some text for this\n", 30_000)));
        var options = new PrepareOptions
        {
            Progress = new Report(progress =>
            {
                if (progress is { Phase: PreparePhase.Encoding } && progress.BytesDone < progress.BytesTotal)
                {
                    using var other = new FileStream(text, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                    other.Seek(-3, SeekOrigin.End);
                    other.Write("x"u8);
                }
            }),
        };
        await Assert.ThrowsAsync<SourceChangedException>(() => DatasetPreparer.PrepareAsync(text, _directory["out"], options));
        Assert.Equal(["text.txt"], Names(_directory.Path));
    }

    [Fact]
    public async Task Progress_comes_to_the_end_of_each_phase()
    {
        var seen = new List<PrepareProgress>();
        string text = Text(string.Concat(Enumerable.Repeat("some text for this\n", 30_000)));
        await DatasetPreparer.PrepareAsync(text, _directory["out"], new PrepareOptions { Progress = new Report(seen.Add) });
        foreach (var phase in new[] { PreparePhase.Reading, PreparePhase.Encoding })
        {
            var reports = seen.Where(progress => progress.Phase == phase).ToList();
            Assert.Equal(570_000, reports[^1].BytesDone);
            Assert.All(reports, report => Assert.Equal(570_000, report.BytesTotal));
            Assert.True(reports.Count > 3);
        }
    }

    [Fact]
    public async Task A_vocabulary_beyond_two_bytes_gets_four()
    {
        // 65,537 characters: one more than ids that fit.
        string text = string.Concat(Enumerable.Range(0x10000, 65_537).Select(char.ConvertFromUtf32));
        string prepared = await Prepare(text);
        Assert.Equal(["meta.json", "meta.pkl", "train.uint32.bin", "val.uint32.bin"], Names(prepared));
        using var data = TokenDataset.Open(prepared);
        Assert.Equal((65_537, "uint32", TokenDType.U32), (data.VocabularySize, data.Meta!.DType, data.Val.DType));
        long[] last = new long[1];
        data.Val.Read(data.Val.Count - 1, last);
        Assert.Equal(65_536, last[0]);
    }

    /// <summary>The numbers of nanoGPT's README files, for whoever has the text: its path in TINYSHAKESPEARE.</summary>
    [SkippableTheory]
    [InlineData("char", 65, 1_003_854, 111_540)]
    [InlineData("bpe", 50_257, 301_966, 36_059)]
    public async Task Tinyshakespeare_has_nanogpts_numbers_of_tokens(string kind, int vocabulary, long train, long val)
    {
        string? text = Environment.GetEnvironmentVariable("TINYSHAKESPEARE");
        Skip.If(string.IsNullOrEmpty(text), "no TINYSHAKESPEARE");
        var result = await DatasetPreparer.PrepareAsync(text, _directory["out"], kind == "char" ? null : Gpt2);
        Assert.Equal((vocabulary, train, val), (result.Meta.VocabSize, result.Meta.Train.Tokens, result.Meta.Val.Tokens));
    }

    private async Task<string> Prepare(string text, PrepareOptions? options = null) =>
        (await DatasetPreparer.PrepareAsync(Text(text), _directory["out"], options)).Directory;

    private string Text(string text)
    {
        File.WriteAllText(_directory["text.txt"], text);
        return _directory["text.txt"];
    }

    private static ushort[] Tokens(string directory, string name)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(directory, name));
        return [.. Enumerable.Range(0, bytes.Length / 2).Select(i => BitConverter.ToUInt16(bytes, i * 2))];
    }

    private static string[] Names(string directory) =>
        [.. Directory.GetFileSystemEntries(directory).Select(path => Path.GetFileName(path)).Where(name => !name.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private sealed class Report(Action<PrepareProgress> action) : IProgress<PrepareProgress>
    {
        void IProgress<PrepareProgress>.Report(PrepareProgress value) => action(value);
    }
}
