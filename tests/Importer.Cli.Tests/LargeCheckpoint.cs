using System.Text.Json.Nodes;
using Tests.Shared;

namespace Importer.Cli.Tests;

/// <summary>A checkpoint that takes its time.</summary>
internal static class LargeCheckpoint
{
    /// <summary>A checkpoint whose embedding has 192 bytes for each entry of a vocabulary, 400 MB; most of it is a hole in the file.</summary>
    public static string Make(TemporaryDirectory directory, int vocabulary = 2_000_000)
    {
        string source = directory.CopyFixture("tiny-gpt2", "large");
        string config = Path.Combine(source, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        json["vocab_size"] = vocabulary;
        File.WriteAllText(config, json.ToJsonString());

        string weights = Path.Combine(source, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        long headerLength = BitConverter.ToInt64(bytes);
        var header = JsonNode.Parse(bytes.AsSpan(8, (int)headerLength))!.AsObject();
        long end = bytes.Length - 8 - headerLength;
        var embedding = header["wte.weight"]!;
        Assert.Equal(end, (long)embedding["data_offsets"]![1]!); // the embedding is the file's last tensor
        embedding["shape"] = new JsonArray(vocabulary, 48);
        long begin = (long)embedding["data_offsets"]![0]!;
        embedding["data_offsets"] = new JsonArray(begin, begin + vocabulary * 48L * 4);
        byte[] newHeader = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());

        using var stream = File.Create(weights);
        stream.Write(BitConverter.GetBytes((long)newHeader.Length));
        stream.Write(newHeader);
        stream.Write(bytes.AsSpan(8 + (int)headerLength));
        stream.SetLength(8 + newHeader.Length + begin + vocabulary * 48L * 4);
        return source;
    }
}
