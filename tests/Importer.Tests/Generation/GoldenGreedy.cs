using Importer.Models;
using Importer.Tests.Golden;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Generation;

/// <summary>The greedy continuations that transformers, or a model's own project, made of the golden checkpoints.</summary>
internal static class GoldenGreedy
{
    /// <summary>Every golden set that has a continuation: all of them have a model here that computes it.</summary>
    public static TheoryData<string> Names =>
        [.. Directory.GetDirectories(Repository.Fixture(".")).Where(HasContinuation).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public static PretrainedModel Load(string name) => PretrainedModel.FromPretrained(WeightsOf(name), new() { Device = CPU });

    public static (int[] Prompt, int[] Continuation) Expected(string name)
    {
        using var file = SafeTensorFile.Open(Path.Combine(Repository.Fixture(name), "expected.safetensors"));
        int[] prompt = Read(file, "greedy_prompt"), all = Read(file, "greedy_ids");
        return (prompt, all[prompt.Length..]);
    }

    private static int[] Read(SafeTensorFile file, string name)
    {
        var info = file.Header[name];
        byte[] bytes = new byte[info.Shape.Aggregate(8L, (product, size) => product * size)];
        file.Read(info, bytes);
        return [.. Enumerable.Range(0, bytes.Length / 8).Select(i => checked((int)BitConverter.ToInt64(bytes, 8 * i)))];
    }

    private static bool HasContinuation(string directory)
    {
        string path = Path.Combine(directory, "expected.safetensors");
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = SafeTensorFile.Open(path);
        return file.Header.TryGetTensor("greedy_ids", out _);
    }

    private static string WeightsOf(string name) =>
        name == "nanogpt-ckpt" ? Path.Combine(Repository.Fixture(name), "ckpt.pt") : GoldenModel.Weights(name);
}
