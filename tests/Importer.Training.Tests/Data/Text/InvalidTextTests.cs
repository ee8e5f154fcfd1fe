using System.Text;
using Importer.Training.Data;
using Tests.Shared;

namespace Importer.Training.Tests.Data.Text;

public sealed class InvalidTextTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<byte[], int> Invalid => new()
    {
        { [0xff], 0 },
        { [0xc3], 0 }, // cut
        { [0xc3, 0x28], 0 },
        { [0xe7, 0x94], 0 },
        { [0xed, 0xa0, 0x80], 0 }, // a surrogate
        { [0xc0, 0x80], 0 }, // overlong
        { [0xf4, 0x90, 0x80, 0x80], 0 }, // beyond Unicode
        { [(byte)'a', (byte)'\n', 0x80], 2 },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task What_is_no_utf8_is_refused_with_its_place(byte[] bytes, int at)
    {
        // In the first block, and over the end of the first one.
        foreach (int before in new[] { 0, 1, 131_071, 131_072, 400_000 })
        {
            byte[] text = [.. Enumerable.Repeat((byte)'x', before), .. bytes];
            File.WriteAllBytes(_directory["text.txt"], text);
            var error = await Assert.ThrowsAsync<InvalidTextException>(() => DatasetPreparer.PrepareAsync(_directory["text.txt"], _directory["out"]));
            Assert.Equal(before + at, error.Offset);
            Assert.Contains("is no UTF-8 there", error.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_directory["out"]));

            var result = await DatasetPreparer.PrepareAsync(_directory["text.txt"], _directory["out"], new PrepareOptions { ReplaceInvalid = true, ValFraction = 0 });
            using (var data = TokenDataset.Open(result.Directory))
            {
                long[] ids = new long[data.Train.Count];
                data.Train.Read(0, ids);
                Assert.Equal(Encoding.UTF8.GetString(text), data.Tokenizer!.Decode([.. ids.Select(id => (int)id)]));
            }

            Directory.Delete(_directory["out"], recursive: true);
        }
    }

    [Theory]
    [InlineData("{\"text\":\"a\"}\n[1]", 2, 13, "no JSON object")]
    [InlineData("{\"text\":\"a\"}\n\n{\"text\":\"b\"", 3, 14, "no JSON object")]
    [InlineData("{\"text\":\"a\"} {\"text\":\"b\"}", 1, 0, "no JSON object")]
    [InlineData("{\"txt\":\"a\"}", 1, 0, "has no field text")]
    [InlineData("{\"text\":7}", 1, 8, "field text is no string")]
    [InlineData("{\"text\":null}", 1, 8, "field text is no string")]
    [InlineData("{\"text\":[\"a\"]}", 1, 8, "field text is no string")]
    [InlineData("{\"text\":\"\\ud83d\"}", 1, 0, "no valid Unicode")]
    [InlineData("plain text", 1, 0, "no JSON object")]
    public async Task What_is_no_json_line_is_refused_with_its_line(string lines, int line, int from, string problem)
    {
        File.WriteAllText(_directory["a.jsonl"], lines);
        var error = await Assert.ThrowsAsync<InvalidTextException>(() => DatasetPreparer.PrepareAsync(_directory["a.jsonl"], _directory["out"]));
        Assert.Equal(line, error.Line);
        Assert.InRange(error.Offset, from, lines.Length);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_unicode_in_json_lines_is_replaced_on_demand()
    {
        File.WriteAllBytes(_directory["a.jsonl"], [.. "{\"text\":\"a\\ud83d\\n\"}\n{\"text\":\"b"u8, 0xff, .. "\"}\n{\"text\":\"\\\"\\ude00\\u0063\"}"u8]);
        await Assert.ThrowsAsync<InvalidTextException>(() => DatasetPreparer.PrepareAsync(_directory["a.jsonl"], _directory["out"]));
        var result = await DatasetPreparer.PrepareAsync(_directory["a.jsonl"], _directory["out"], new PrepareOptions { ReplaceInvalid = true, ValFraction = 0 });
        using var data = TokenDataset.Open(result.Directory);
        long[] ids = new long[data.Train.Count];
        data.Train.Read(0, ids);
        Assert.Equal("a\uFFFD\n\nb\uFFFD\n\"\uFFFDc\n", data.Tokenizer!.Decode([.. ids.Select(id => (int)id)]));
    }

    [Fact]
    public async Task What_is_no_text_at_all_is_refused()
    {
        var missing = await Assert.ThrowsAsync<DatasetNotFoundException>(() => DatasetPreparer.PrepareAsync(_directory["none.txt"], _directory["out"]));
        Assert.Contains("no such file or directory", missing.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_directory["empty"]);
        await Assert.ThrowsAsync<DatasetNotFoundException>(() => DatasetPreparer.PrepareAsync(_directory["empty"], _directory["out"]));
        File.WriteAllText(_directory["empty.txt"], "");
        await Assert.ThrowsAsync<DatasetFormatException>(() => DatasetPreparer.PrepareAsync(_directory["empty.txt"], _directory["out"]));
        File.WriteAllText(_directory["empty.jsonl"], "\n\n");
        await Assert.ThrowsAsync<DatasetFormatException>(() => DatasetPreparer.PrepareAsync(_directory["empty.jsonl"], _directory["out"]));
        File.WriteAllText(_directory["one.txt"], "x");
        var little = await Assert.ThrowsAsync<DatasetFormatException>(() => DatasetPreparer.PrepareAsync(_directory["one.txt"], _directory["out"]));
        Assert.Contains("nothing is left to train on", little.Message, StringComparison.Ordinal);
        File.WriteAllBytes(_directory["train.bin"], [1, 0]);
        Assert.Contains("not of text", (await Assert.ThrowsAsync<DatasetNotFoundException>(() => DatasetPreparer.PrepareAsync(_directory["train.bin"], _directory["out"]))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DatasetPreparer.PrepareAsync(_directory["one.txt"], _directory["out"], new PrepareOptions { ValFraction = double.NaN }));
        Assert.False(Directory.Exists(_directory["out"]));
    }

    [SkippableFact]
    public async Task A_pipe_is_not_waited_for()
    {
        Skip.If(OperatingSystem.IsWindows(), "named pipes in directories");
        using var make = System.Diagnostics.Process.Start("mkfifo", [_directory["pipe.txt"]]);
        await make.WaitForExitAsync();
        await Assert.ThrowsAsync<NotAFileException>(() => DatasetPreparer.PrepareAsync(_directory["pipe.txt"], _directory["out"]));
    }
}
