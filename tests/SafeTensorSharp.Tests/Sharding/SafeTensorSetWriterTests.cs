using System.Text;

namespace SafeTensorSharp.Tests;

public sealed class SafeTensorSetWriterTests
{
    [Fact]
    public void Writes_one_file_without_an_index_where_that_is_enough()
    {
        using TempDirectory directory = new();
        SafeTensorSetWriteResult result = SafeTensorSetWriter.Write(directory.FullPath, [Entry("a", 10), Entry("b", 10)], options: Shards(20));
        Assert.Equal(["model.safetensors"], directory.Names());
        Assert.Null(result.IndexPath);
        Assert.Equal(directory["model.safetensors"], Assert.Single(result.Files).Path);
    }

    [Fact]
    public void Writes_files_of_at_most_the_size_in_the_order_given_and_the_index_of_transformers()
    {
        using TempDirectory directory = new();
        SafeTensorEntry[] entries = [Entry("e", 10), Entry("b", 5), Entry("c", 5), Entry("huge", 50), Entry("a", 0), Entry("d", 1)];
        SafeTensorSetWriteResult result = SafeTensorSetWriter.Write(
            directory.FullPath, entries, new Dictionary<string, string> { ["format"] = "pt" },
            new SafeTensorSetWriteOptions { MaxShardBytes = 20, Files = new SafeTensorWriteOptions { ComputeSha256 = true } });
        Assert.Equal(
            [
                "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors",
                "model.safetensors.index.json",
            ],
            directory.Names());
        Assert.Equal(
            """
            {
              "metadata": {
                "total_size": 71
              },
              "weight_map": {
                "a": "model-00003-of-00003.safetensors",
                "b": "model-00001-of-00003.safetensors",
                "c": "model-00001-of-00003.safetensors",
                "d": "model-00003-of-00003.safetensors",
                "e": "model-00001-of-00003.safetensors",
                "huge": "model-00002-of-00003.safetensors"
              }
            }

            """.ReplaceLineEndings("\n"),
            File.ReadAllText(directory["model.safetensors.index.json"]));
        Assert.Equal(directory["model.safetensors.index.json"], result.IndexPath);
        using SafeTensorSet set = SafeTensorSet.Open(result.IndexPath!);
        Assert.Empty(set.Warnings);
        Assert.All(entries, entry =>
        {
            SafeTensorSetTensor tensor = set[entry.Name];
            Assert.Equal(Data(entry.Name, (int)entry.Shape[0]), tensor.Shard.File.ReadBytes(entry.Name));
            Assert.Equal("pt", tensor.Shard.File.Header.Metadata["format"]);
        });
        Assert.All(result.Files, file => Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.Path))), file.Sha256));
    }

    [Fact]
    public void Finds_a_name_that_two_files_would_hold()
    {
        using TempDirectory directory = new();
        SafeTensorWriteException e = Assert.Throws<SafeTensorWriteException>(
            () => SafeTensorSetWriter.Write(directory.FullPath, [Entry("a", 10), Entry("a", 10)], options: Shards(10)));
        Assert.Equal(SafeTensorErrorKind.DuplicateKey, e.Kind);
        Assert.Empty(directory.Names());
    }

    [Fact]
    public void Nothing_appears_when_a_later_file_fails()
    {
        using TempDirectory directory = new();
        SafeTensorEntry failing = SafeTensorEntry.FromWriter("b", DType.U8, [10], _ => throw new TimeoutException());
        Assert.Throws<TimeoutException>(() => SafeTensorSetWriter.Write(directory.FullPath, [Entry("a", 10), failing], options: Shards(10)));
        Assert.Empty(directory.Names());
    }

    [Fact]
    public void Replaces_a_set_of_the_same_names_and_refuses_to_lie_beside_another()
    {
        using TempDirectory directory = new();
        directory.Write("model-notes.txt", "kept"u8);
        SafeTensorSetWriter.Write(directory.FullPath, [Entry("a", 10), Entry("b", 10)], options: Shards(10));
        SafeTensorSetWriter.Write(directory.FullPath, [Entry("c", 10), Entry("d", 10)], options: Shards(10));
        SafeTensorWriteException e = Assert.Throws<SafeTensorWriteException>(
            () => SafeTensorSetWriter.Write(directory.FullPath, [Entry("e", 10)], options: Shards(10)));
        Assert.Equal(SafeTensorErrorKind.TargetExists, e.Kind);
        Assert.Equal(3, e.Problems.Count);
        SafeTensorWriteOptions careful = new() { Overwrite = false };
        SafeTensorSetWriteOptions beside = new() { MaxShardBytes = 10, Files = careful };
        Assert.Throws<SafeTensorWriteException>(
            () => SafeTensorSetWriter.Write(directory.FullPath, [Entry("e", 10), Entry("f", 10)], options: beside));
        using SafeTensorSet set = SafeTensorSet.Open(directory["model.safetensors.index.json"]);
        Assert.Equal(["c", "d"], set.Tensors.Select(t => t.Info.Name));
        SafeTensorSetWriter.Write(directory.FullPath, [Entry("e", 10)], options: new SafeTensorSetWriteOptions { BaseName = "other", Files = careful });
        Assert.Contains("other.safetensors", directory.Names());
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("nul")]
    public void Refuses_a_base_name_that_is_not_plain(string baseName)
    {
        using TempDirectory directory = new();
        Assert.Throws<ArgumentException>(() => SafeTensorSetWriter.Write(directory.FullPath, [], options: new SafeTensorSetWriteOptions { BaseName = baseName }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SafeTensorSetWriter.Write(directory.FullPath, [], options: Shards(0)));
    }

    [Fact]
    public void Reports_progress_over_all_files()
    {
        using TempDirectory directory = new();
        List<SafeTensorProgress> reports = [];
        SafeTensorSetWriteResult result = SafeTensorSetWriter.Write(
            directory.FullPath, [Entry("a", 10), Entry("b", 10)], options: Shards(10), progress: new Immediate(reports.Add));
        Assert.Equal(result.Files.Sum(f => f.BytesWritten), reports[^1].BytesWritten);
        Assert.All(reports, r => Assert.Equal(reports[^1].BytesWritten, r.TotalBytes));
        Assert.Equal(reports.OrderBy(r => r.BytesWritten), reports);
    }

    private static SafeTensorSetWriteOptions Shards(long maxBytes) => new() { MaxShardBytes = maxBytes };

    private static SafeTensorEntry Entry(string name, int bytes) => SafeTensorEntry.FromBytes(name, DType.U8, [bytes], Data(name, bytes));

    private static byte[] Data(string name, int bytes) => [.. Enumerable.Range(0, bytes).Select(i => (byte)(Encoding.UTF8.GetBytes(name)[0] + i))];

    private sealed class Immediate(Action<SafeTensorProgress> report) : IProgress<SafeTensorProgress>
    {
        public void Report(SafeTensorProgress value) => report(value);
    }
}
