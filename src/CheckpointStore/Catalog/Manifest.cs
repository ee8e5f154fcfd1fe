using System.Text.Json;

namespace CheckpointStorage;

/// <summary>What manifest.json holds.</summary>
internal sealed record Manifest
{
    public const string Format = "checkpoint-store";
    public const int Version = 1;
    public const int LongestFileName = 200;

    /// <summary>A manifest is read whole; hostile ones are not.</summary>
    public const int LimitBytes = 64 << 20;

    public static JsonElement NoMetadata { get; } = JsonDocument.Parse("{}").RootElement.Clone();

    public required long Step { get; init; }

    public required DateTimeOffset SavedAt { get; init; }

    public double? Epoch { get; init; }

    public double? Metric { get; init; }

    public string? ParentId { get; init; }

    public IReadOnlyDictionary<string, string> Configuration { get; init; } = new Dictionary<string, string>();

    public JsonElement Metadata { get; init; } = NoMetadata;

    public required IReadOnlyList<CheckpointFileInfo> Files { get; init; }

    /// <summary>
    /// Names that every file system keeps apart and none reads otherwise: ASCII letters, digits, <c>._-</c>; not hidden; not the manifest's.
    /// </summary>
    public static bool IsFileName(string name) =>
        name.Length is > 0 and <= LongestFileName && name[0] != '.' && name[^1] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
        && !name.Equals(IO.StoreNames.Manifest, StringComparison.OrdinalIgnoreCase);
}
