using Importer.Conversion;
using Importer.Export;
using Importer.Models;
using Importer.Sources;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Export;

/// <summary>What the tests of exports have in common.</summary>
internal static class Exports
{
    /// <summary>A source by its place among the fixtures; minimind's trainer leaves the configuration out, which is added to a copy.</summary>
    public static string Source(string fixture, TemporaryDirectory directory)
    {
        if (!fixture.StartsWith("minimind-like/", StringComparison.Ordinal))
        {
            return Repository.Fixture(fixture);
        }

        string copy = directory.CopyFixture("minimind-like");
        File.WriteAllText(
            Path.Combine(copy, "config.json"),
            """
            {
              "model_type": "minimind", "vocab_size": 128, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
              "num_key_value_heads": 2, "head_dim": 16, "intermediate_size": 128, "max_position_embeddings": 128, "rms_norm_eps": 1e-6
            }
            """);
        return Path.Combine(copy, Path.GetFileName(fixture));
    }

    public static async Task<string> ImportAsync(string source, TemporaryDirectory directory) =>
        (await WeightImporter.ImportAsync(source, directory["imported"], new() { Name = "model" })).Directory;

    /// <summary>Every tensor of a directory or file, by its name.</summary>
    public static Dictionary<string, (DType DType, string Shape, byte[] Bytes)> Read(string path)
    {
        using var directory = ModelDirectory.Open(path);
        return directory.Weights.Tensors.ToDictionary(tensor => tensor.Name, tensor =>
        {
            byte[] bytes = new byte[tensor.ByteCount];
            directory.Weights.Read(tensor, 0, bytes);
            return (tensor.DType, string.Join(',', tensor.Shape), bytes);
        });
    }

    /// <summary>The logits of some tokens, bit for bit.</summary>
    public static byte[] Logits(string path)
    {
        using var model = PretrainedModel.FromPretrained(path, new() { Device = CPU });
        return Logits(model);
    }

    public static byte[] Logits(PretrainedModel model)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var ids = tensor(Enumerable.Range(0, 24).Select(i => (long)(i * 7 % 60)).ToArray()).view(2, 12);
        return model.call(ids).contiguous().bytes.ToArray();
    }

    public static float[] Numbers(byte[] logits) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(logits).ToArray();

    public static ExportOptions NanoGpt(bool force = false) => new() { Format = ExportFormat.NanoGpt, Force = force };
}
