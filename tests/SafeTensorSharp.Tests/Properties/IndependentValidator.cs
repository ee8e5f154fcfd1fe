using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace SafeTensorSharp.Tests;

/// <summary>
/// The format's rules written a second time, by other means: a document instead of a reader, big integers instead of checked ones, bytes
/// marked one by one instead of sorted offsets. Slow, for small files, and without positions or messages.
/// </summary>
internal static class IndependentValidator
{
    private static readonly Dictionary<string, int> Bits = new()
    {
        ["BOOL"] = 8,
        ["U8"] = 8,
        ["I8"] = 8,
        ["F8_E5M2"] = 8,
        ["F8_E4M3"] = 8,
        ["F8_E5M2FNUZ"] = 8,
        ["F8_E4M3FNUZ"] = 8,
        ["F8_E8M0"] = 8,
        ["I16"] = 16,
        ["U16"] = 16,
        ["F16"] = 16,
        ["BF16"] = 16,
        ["I32"] = 32,
        ["U32"] = 32,
        ["F32"] = 32,
        ["C64"] = 64,
        ["F64"] = 64,
        ["I64"] = 64,
        ["U64"] = 64,
        ["F4"] = 4,
        ["F6_E2M3"] = 6,
        ["F6_E3M2"] = 6,
    };

    /// <summary>The tensors by name, each as <c>DTYPE [shape] begin-end</c>; null when the file is not valid.</summary>
    public static Dictionary<string, string>? Validate(byte[] file)
    {
        if (file.Length < 8)
        {
            return null;
        }

        ulong n = BinaryPrimitives.ReadUInt64LittleEndian(file);
        if (n > 100_000_000 || n + 8 > (ulong)file.Length || n == 0 || file[8] != '{')
        {
            return null;
        }

        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(file, 8, (int)n);
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 });
            return ValidateObject(document.RootElement, file.Length - 8 - (int)n);
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Dictionary<string, string>? ValidateObject(JsonElement root, int dataLength)
    {
        Dictionary<string, string> tensors = [];
        int[] owners = new int[dataLength];
        List<BigInteger> empty = [];
        bool metadata = false;
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Name == "__metadata__")
            {
                if (metadata || !IsMetadata(property.Value))
                {
                    return null;
                }

                metadata = true;
            }
            else if (Describe(property.Value, owners, empty) is not { } description
                || Encoding.UTF8.GetByteCount(property.Name) > 4096 || !tensors.TryAdd(property.Name, description))
            {
                return null;
            }
        }

        // An empty tensor lies at a border: at either end, or between two bytes of different tensors.
        bool bordered = empty.All(at => at == 0 || at == dataLength || (at < dataLength && owners[(int)at] != owners[(int)at - 1]));
        return bordered && owners.All(owner => owner != 0) ? tensors : null;
    }

    private static bool IsMetadata(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && value.EnumerateObject().All(p => p.Value.ValueKind == JsonValueKind.String && p.Value.GetString() is not null)
        && value.EnumerateObject().Select(p => p.Name).Distinct().Count() == value.EnumerateObject().Count();

    private static string? Describe(JsonElement entry, int[] owners, List<BigInteger> empty)
    {
        if (entry.ValueKind != JsonValueKind.Object
            || !entry.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal).SequenceEqual(["data_offsets", "dtype", "shape"]))
        {
            return null;
        }

        JsonElement dtype = entry.GetProperty("dtype");
        if (dtype.ValueKind != JsonValueKind.String || !Bits.TryGetValue(dtype.GetString()!, out int bits)
            || Integers(entry.GetProperty("shape")) is not { Count: <= 64 } shape
            || Integers(entry.GetProperty("data_offsets")) is not { Count: 2 } offsets
            || shape.Any(d => d > long.MaxValue))
        {
            return null;
        }

        BigInteger total = shape.Aggregate(BigInteger.One, (product, d) => product * d) * bits;
        if (total / 8 > long.MaxValue || total % 8 != 0 || offsets[1] - offsets[0] != total / 8 || offsets[1] > owners.Length)
        {
            return null;
        }

        int owner = owners.DefaultIfEmpty().Max() + 1;
        for (int i = (int)offsets[0]; i < (int)offsets[1]; i++)
        {
            if (owners[i] != 0)
            {
                return null;
            }

            owners[i] = owner;
        }

        if (total == 0)
        {
            empty.Add(offsets[0]);
        }

        return $"{dtype.GetString()} [{string.Join(", ", shape)}] {offsets[0]}-{offsets[1]}";
    }

    private static List<BigInteger>? Integers(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        List<BigInteger> result = [];
        foreach (JsonElement element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.GetRawText().All(char.IsAsciiDigit))
            {
                return null;
            }

            result.Add(BigInteger.Parse(element.GetRawText(), System.Globalization.CultureInfo.InvariantCulture));
        }

        return result;
    }
}
