using System.Globalization;
using Importer.Conversion;
using Importer.Sources;

namespace Importer.Export;

/// <summary>The names that an export gives to files, and the marks by which its files are known again.</summary>
internal static class ExportedNames
{
    /// <summary>The index of shards.</summary>
    public const string Index = "model.safetensors.index.json";

    /// <summary>nanoGPT's checkpoint.</summary>
    public const string Checkpoint = "ckpt.pt";

    /// <summary>The key of a safetensors file's metadata that says who exported it.</summary>
    public const string Mark = "export.tool";

    /// <summary>The key of nanoGPT's <c>config</c> that says who exported it.</summary>
    public const string CheckpointMark = "exported_by";

    private static readonly HashSet<string> All = [ImportedNames.Weights, Index, Checkpoint, .. ModelDirectory.CompanionNames];

    /// <summary>The name of a shard, numbered from 1.</summary>
    public static string Shard(int number, int count) => string.Create(CultureInfo.InvariantCulture, $"model-{number:D5}-of-{count:D5}.safetensors");

    /// <summary>Whether an export may have made a file of that name.</summary>
    public static bool Contains(string name) => All.Contains(name) || IsShard(name);

    /// <summary>Whether it is the name of nanoGPT's table of characters.</summary>
    public static bool IsCharacters(string name) => name is "meta.pkl" or "meta.json";

    /// <summary>Whether it is the name of a shard.</summary>
    public static bool IsShard(string name) =>
        name.Length == Shard(1, 1).Length && name.StartsWith("model-", StringComparison.Ordinal) && name.EndsWith(".safetensors", StringComparison.Ordinal) &&
        int.TryParse(name.AsSpan(6, 5), NumberStyles.None, CultureInfo.InvariantCulture, out int number) &&
        int.TryParse(name.AsSpan(15, 5), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && name == Shard(number, count);
}
