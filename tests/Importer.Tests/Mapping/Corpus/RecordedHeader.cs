using System.Text.Json;
using Importer.Mapping;
using Importer.Sources;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Mapping.Corpus;

/// <summary>
/// The header of a checkpoint, names, dtypes and shapes, with its configuration: of real models from <c>fixtures/headers</c>, where
/// braces stand for runs and words, and of every checkpoint among the fixtures.
/// </summary>
internal sealed record RecordedHeader
{
    private static readonly Lazy<IReadOnlyList<RecordedHeader>> Everything = new(() => [.. Recorded(), .. Fixtures()]);

    public required string Name { get; init; }

    /// <summary>The table that it is for; null where the catalog is to say.</summary>
    public required string? Family { get; init; }

    public required JsonElement Json { get; init; }

    public required IReadOnlyList<SourceTensor> Tensors { get; init; }

    public long? Parameters { get; init; }

    public long? Bytes { get; init; }

    public static IReadOnlyList<RecordedHeader> All => Everything.Value;

    public static TheoryData<string> Names => [.. All.Select(header => header.Name)];

    /// <summary>Those that are small enough to be carried out.</summary>
    public static TheoryData<string> SmallNames => [.. All.Where(header => header.Tensors.Sum(tensor => tensor.ByteCount) < 16 << 20).Select(header => header.Name)];

    public ModelConfigValues Config => ModelConfigValues.From(Json, Name);

    public static RecordedHeader Find(string name) => All.Single(header => header.Name == name);

    public WeightMapping Mapping() => MappingCatalog.BuiltIn.Find(Config, Tensors);

    public LoadPlan Plan() => Mapping().Compile(Config, Tensors);

    private static IEnumerable<RecordedHeader> Recorded()
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "fixtures", "headers"), "*.json").Order(StringComparer.Ordinal))
        {
            JsonElement root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
            List<SourceTensor> tensors = [];
            foreach (JsonElement line in root.GetProperty("tensors").EnumerateArray())
            {
                if (!DTypes.TryParse(line[1].GetString()!, out DType dtype))
                {
                    throw new InvalidDataException($"{path}: {line[1]} is no dtype.");
                }

                long[] shape = [.. line[2].EnumerateArray().Select(size => size.GetInt64())];
                long bytes = DTypes.ByteCount(dtype, shape.Aggregate(1L, (product, size) => product * size));
                foreach (string name in Expand(line[0].GetString()!))
                {
                    tensors.Add(new SourceTensor(name, dtype, shape, "model.safetensors", tensors.Sum(tensor => tensor.ByteCount), bytes));
                }
            }

            yield return new RecordedHeader
            {
                Name = Path.GetFileNameWithoutExtension(path),
                Family = root.GetProperty("family").GetString(),
                Json = root.GetProperty("config"),
                Tensors = tensors,
                Parameters = root.TryGetProperty("parameters", out JsonElement parameters) ? parameters.GetInt64() : null,
                Bytes = root.TryGetProperty("bytes", out JsonElement sum) ? sum.GetInt64() : null,
            };
        }
    }

    private static IEnumerable<RecordedHeader> Fixtures()
    {
        foreach (string directory in Directory.EnumerateDirectories(Repository.Fixture(".")).Order(StringComparer.Ordinal))
        {
            string[] files = [.. Directory.EnumerateFiles(directory, "*.safetensors").Where(path => !path.EndsWith("expected.safetensors", StringComparison.Ordinal))];
            if (files.Length == 0 || !File.Exists(Path.Combine(directory, "config.json")))
            {
                continue;
            }

            List<SourceTensor> tensors = [];
            foreach (string path in files.Order(StringComparer.Ordinal))
            {
                tensors.AddRange(SafeTensorHeader.Identify(path).Tensors.Select(info => new SourceTensor(
                    info.Name, info.DType, info.Shape, Path.GetFileName(path), info.FileOffset, info.ByteCount)));
            }

            yield return new RecordedHeader
            {
                Name = Path.GetFileName(directory),
                Family = null,
                Json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "config.json"))).RootElement,
                Tensors = tensors,
            };
        }
    }

    /// <summary><c>h.{0..11}.ln_{1,2}</c> is 24 names.</summary>
    private static IEnumerable<string> Expand(string name)
    {
        int open = name.IndexOf('{', StringComparison.Ordinal);
        if (open < 0)
        {
            return [name];
        }

        int close = name.IndexOf('}', open);
        string inside = name[(open + 1)..close];
        string[] range = inside.Split("..");
        IEnumerable<string> words = range.Length == 2
            ? Enumerable.Range(int.Parse(range[0]), int.Parse(range[1]) - int.Parse(range[0]) + 1).Select(i => $"{i}")
            : inside.Split(',');
        return words.SelectMany(word => Expand(name[..open] + word + name[(close + 1)..]));
    }
}
