using System.Globalization;
using System.Text.Json;
using Importer.IO;

namespace Importer.Conversion;

/// <summary>Reads a manifest as what it is: a file that anybody may have edited.</summary>
internal static class ManifestReader
{
    private const long SizeLimit = 16 << 20;
    private const int FileLimit = 4096;
    private const long FileSizeLimit = 1L << 50; // 4,096 of them still fit a long
    private const string FormatPrefix = "import-manifest/";
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a manifest and checks it.</summary>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="IOException">The disk fails.</exception>
    public static ManifestReading Read(string path)
    {
        byte[] bytes;
        try
        {
            using var stream = new FileStream(RegularFile.Open(path), FileAccess.Read, bufferSize: 0);
            if (stream.Length > SizeLimit)
            {
                return Damaged("it is too long");
            }

            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ManifestReading(ManifestState.Missing);
        }
        catch (Exception e) when (e is NotAFileException or EndOfStreamException)
        {
            return Damaged("it is no file");
        }

        return Parse(bytes);
    }

    internal static ManifestReading Parse(byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes, Strict);
            string? format = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("format", out var value) &&
                value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            if (format != ImportManifest.CurrentFormat)
            {
                return IsNewer(format)
                    ? new ManifestReading(ManifestState.Newer, null, format!)
                    : Damaged("it is no import manifest");
            }

            var manifest = json.RootElement.Deserialize(ImportManifestJson.Default.ImportManifest)!;
            return FindProblem(manifest) is { } problem ? Damaged(problem) : new ManifestReading(ManifestState.Valid, manifest);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter for half of a surrogate pair
        {
            return Damaged(ForeignContent.Describe(bytes) ?? "it is not valid JSON of this format");
        }
    }

    private static bool IsNewer(string? format) =>
        format?.StartsWith(FormatPrefix, StringComparison.Ordinal) == true &&
        int.TryParse(format.AsSpan(FormatPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int version) && version > 1;

    private static string? FindProblem(ImportManifest manifest)
    {
        if (FindProblem(manifest.Source.Files, "source") is { } inSource)
        {
            return inSource;
        }

        if (FindProblem(manifest.Files, "import") is { } inFiles)
        {
            return inFiles;
        }

        string? missing = Array.Find(
            [ImportedNames.Weights, "config.json"], name => !manifest.Files.Any(file => file.Name == name));
        return missing is null ? null : $"it does not list {missing}";
    }

    private static string? FindProblem(IReadOnlyList<ImportFile> files, string what)
    {
        if (files.Count > FileLimit)
        {
            return $"it lists too many files of the {what}";
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (file is null || string.IsNullOrEmpty(file.Name) || file.Name is "." or ".." || Path.GetFileName(file.Name) != file.Name || file.Name.Contains('\0'))
            {
                return $"it lists a file of the {what} without a plain name";
            }

            if (!names.Add(file.Name))
            {
                return $"it lists {file.Name} of the {what} twice";
            }

            if (file.Size is < 0 or > FileSizeLimit)
            {
                return $"it gives {file.Name} of the {what} an impossible size";
            }

            if (file.Sha256 is not { Length: 64 } hash || !hash.All(char.IsAsciiHexDigitLower))
            {
                return $"it gives {file.Name} of the {what} no SHA-256";
            }
        }

        return null;
    }

    private static ManifestReading Damaged(string problem) => new(ManifestState.Damaged, null, problem);
}
