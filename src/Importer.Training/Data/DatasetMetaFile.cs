using System.Text.Encodings.Web;
using System.Text.Json;
using Importer.IO;

namespace Importer.Training.Data;

/// <summary>Reads and writes <c>meta.json</c>.</summary>
internal static class DatasetMetaFile
{
    private const long SizeLimit = 64 << 20; // a vocabulary of all characters there are takes some 40 MB
    private const string FormatPrefix = "prepared-dataset/";
    private const string Again = "Prepare the data again.";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads the meta.json of a directory.</summary>
    /// <returns>Null where there is none, or one that is a tokenizer's and no prepared directory's.</returns>
    /// <exception cref="DatasetFormatException">It is damaged, or of a version that is not known.</exception>
    public static DatasetMeta? Read(string directory)
    {
        string path = Path.Combine(directory, DatasetMeta.FileName);
        if (!RegularFile.Exists(path))
        {
            return null;
        }

        if (RegularFile.Length(path) is > SizeLimit)
        {
            throw new DatasetFormatException(path, ["it is too long"], Again);
        }

        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            using var json = JsonDocument.Parse(bytes, Strict);
            string? format = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("format", out var value)
                && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            if (format is null || !format.StartsWith(FormatPrefix, StringComparison.Ordinal))
            {
                return null;
            }

            if (format != DatasetMeta.CurrentFormat)
            {
                throw new DatasetFormatException(path, [$"its format is {format}, and this version reads {DatasetMeta.CurrentFormat}"], "Use a newer import-weights, or prepare the data again.");
            }

            var meta = json.RootElement.Deserialize(DatasetMetaContext.Default.Meta)!;
            string[] problems = [.. Problems(meta)];
            return problems.Length == 0 ? meta : throw new DatasetFormatException(path, problems, Again);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter for half of a surrogate pair
        {
            throw new DatasetFormatException(path, [ForeignContent.Describe(bytes) ?? $"it is not valid: {e.Message.TrimEnd('.')}"], Again, e);
        }
    }

    /// <summary>The file's content.</summary>
    public static byte[] Write(DatasetMeta meta) => [.. JsonSerializer.SerializeToUtf8Bytes(meta, Readable.Meta), (byte)'\n'];

    private static DatasetMetaContext Readable { get; } =
        new(new JsonSerializerOptions(DatasetMetaContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static IEnumerable<string> Problems(DatasetMeta meta)
    {
        if (meta.DType is not ("uint16" or "uint32"))
        {
            yield return $"dtype is {meta.DType}, not uint16 or uint32";
        }

        if (meta.VocabSize < 1 || (meta.DType == "uint16" && meta.VocabSize > TokenDTypes.UInt16Ids))
        {
            yield return $"vocab_size is {meta.VocabSize}";
        }

        if (meta.Tokenizer.Kind is not (TokenizerFingerprint.Bpe or TokenizerFingerprint.Char))
        {
            yield return $"tokenizer.kind is {meta.Tokenizer.Kind}, not bpe or char";
        }

        foreach (var (name, split) in new[] { ("train", meta.Train), ("val", meta.Val) })
        {
            if (split.Tokens < 0 || split.Sha256 is not { Length: 64 })
            {
                yield return $"{name} is not a count of tokens and a SHA-256";
            }
        }
    }
}
