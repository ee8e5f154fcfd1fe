using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Importer.Sources;
using Importer.Tests.Mapping;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Sources;

public sealed class PlanningReadTests : IDisposable
{
    /// <summary>The header of the published gpt2, which nobody padded; its data begins at byte 14,291.</summary>
    private const int PublishedHeader = 14283;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void Planning_gpt2_reads_its_header_and_its_configuration_and_not_a_byte_more()
    {
        Skip.IfNot(File.Exists("/proc/thread-self/io"), "the kernel counts what a thread reads");
        string config = Path.Combine(_directory.Path, "config.json");
        File.WriteAllText(config, """{ "model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12, "vocab_size": 50257, "n_positions": 1024 }""");
        WriteWeights(Gpt2Headers.Gpt2);
        Plan(_directory.Path); // loads the code

        // The runtime may read files of its own on this thread, to load more code: now and then, not every time.
        long read = Enumerable.Range(0, 5).Min(_ => Measure(() => Assert.Equal(148, Plan(_directory.Path))));

        Assert.Equal(14_291 + new FileInfo(config).Length, read);
    }

    private static int Plan(string path)
    {
        using var directory = ModelDirectory.Open(path);
        Assert.Equal(14_291, directory.Weights.HeaderBytes);
        return directory.Plan(null).Totals.Tensors;
    }

    /// <summary>The bytes that this thread read from files meanwhile, as the kernel counts them.</summary>
    private static long Measure(Action action)
    {
        var before = BytesRead();
        action();
        return BytesRead().Count - before.Count - before.Cost;
    }

    /// <summary>The kernel's count, and what reading it adds to it: its text grows with its digits.</summary>
    private static (long Count, long Cost) BytesRead()
    {
        string text = File.ReadAllText("/proc/thread-self/io");
        return (long.Parse(text.AsSpan(0, text.IndexOf('\n', StringComparison.Ordinal))["rchar: ".Length..], CultureInfo.InvariantCulture), text.Length);
    }

    /// <summary>A file with gpt2's true shapes, names, masks and header length, whose data is one hole.</summary>
    private void WriteWeights(Gpt2Headers model)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };

        // The largest last, for short offsets; the rest of the length is padding.
        long offset = 0;
        foreach (var tensor in model.Tensors.OrderBy(tensor => tensor.ByteCount))
        {
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = DTypes.Name(tensor.DType),
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, offset + tensor.ByteCount),
            };
            offset += tensor.ByteCount;
        }

        string json = header.ToJsonString();
        Assert.InRange(json.Length, PublishedHeader - 600, PublishedHeader);
        using var stream = File.Create(Path.Combine(_directory.Path, "model.safetensors"));
        stream.Write(BitConverter.GetBytes((long)PublishedHeader));
        stream.Write(Encoding.ASCII.GetBytes(json.PadRight(PublishedHeader)));
        stream.SetLength(8 + PublishedHeader + offset);
    }
}
