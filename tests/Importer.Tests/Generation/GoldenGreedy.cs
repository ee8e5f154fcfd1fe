using System.Text.Json;
using Importer.Models;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Generation;

/// <summary>The greedy continuations that transformers, or a model's own project, made of the golden checkpoints.</summary>
internal static class GoldenGreedy
{
    /// <summary>Every golden set that has a continuation and a model here that computes it.</summary>
    public static TheoryData<string> Names =>
    [
        .. Directory.GetDirectories(Repository.Fixture(".")).Where(HasModel).Where(HasContinuation).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal),
    ];

    public static PretrainedModel Load(string name) => PretrainedModel.FromPretrained(Repository.Fixture(name), new() { Device = CPU });

    public static (int[] Prompt, int[] Continuation) Expected(string name)
    {
        using var file = SafeTensorFile.Open(Path.Combine(Repository.Fixture(name), "expected.safetensors"));
        int[] prompt = Read(file, "greedy_prompt"), all = Read(file, "greedy_ids");
        return (prompt, all[prompt.Length..]);
    }

    /// <summary>config.json's <c>model_type</c>; null where it says none.</summary>
    public static string? ModelType(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Fixture(name), "config.json")));
        return json.RootElement.TryGetProperty("model_type", out var type) ? type.GetString() : null;
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

    private static bool HasModel(string directory)
    {
        string path = Path.Combine(directory, "config.json");
        if (!File.Exists(path) || !Directory.EnumerateFiles(directory).Any(file => Path.GetFileName(file) is "model.safetensors" or "model.safetensors.index.json" or "pytorch_model.bin" or "pytorch_model.bin.index.json"))
        {
            return false;
        }

        return ModelType(Path.GetFileName(directory)) is { } type && ModelFamily.Find(type) is not null;
    }
}
