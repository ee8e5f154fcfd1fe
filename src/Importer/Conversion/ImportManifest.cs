using System.Text.Json;
using System.Text.Json.Serialization;

namespace Importer.Conversion;

/// <summary>
/// What an imported directory says about itself in <c>manifest.json</c>: where it came from, how it was made, and the
/// hash of everything that went in and out.
/// </summary>
public sealed record ImportManifest
{
    /// <summary>The manifest's name in an imported directory.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The format that this version writes.</summary>
    public const string CurrentFormat = "import-manifest/1";

    /// <summary>The manifest's own format.</summary>
    public required string Format { get; init; }

    /// <summary>The program that wrote it, with its version.</summary>
    public required string Tool { get; init; }

    /// <summary>What was imported.</summary>
    public required ImportSource Source { get; init; }

    /// <summary>The table that was applied.</summary>
    public required ImportMapping Mapping { get; init; }

    /// <summary>The dtype of the weights as written (<c>F32</c>, <c>F16</c>, <c>BF16</c>, …), or <c>mixed</c>.</summary>
    [JsonPropertyName("dtype")]
    public required string DType { get; init; }

    /// <summary>The dtype that was asked for, null when each tensor kept its own.</summary>
    [JsonPropertyName("requested_dtype")]
    public string? RequestedDType { get; init; }

    /// <summary>Tensors written.</summary>
    public required int Tensors { get; init; }

    /// <summary>Keys of the source that are not parameters and were left out.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>Parameters that are another parameter, and which.</summary>
    public IReadOnlyDictionary<string, string> Tied { get; init; } = new Dictionary<string, string>();

    /// <summary>Every file of the directory but this one.</summary>
    public required IReadOnlyList<ImportFile> Files { get; init; }

    /// <summary>Reads a manifest.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Null when there is no such file, or it is damaged or of a format that this version does not know.</returns>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ImportManifest? TryRead(string path) => ManifestReader.Read(path).Manifest;

    internal byte[] ToUtf8() => [.. JsonSerializer.SerializeToUtf8Bytes(this, ImportManifestJson.Default.ImportManifest), (byte)'\n'];
}
