using System.Globalization;
using System.Text;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>Names of files in a set: plain names in the set's own directory, on every operating system.</summary>
internal static class ShardNames
{
    private const int MaxBytes = 255;

    private static readonly string[] Devices =
    [
        "CON", "PRN", "AUX", "NUL", "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ];

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 0)
        {
            return "is empty";
        }

        // A colon is a drive or an alternate data stream on Windows.
        if (name.AsSpan().IndexOfAny('/', '\\', ':') >= 0)
        {
            return "is not a plain name";
        }

        if (name.Any(char.IsControl))
        {
            return "has control characters";
        }

        // Covers "." and ".." too; Windows drops such endings and would open another file.
        if (name[^1] is '.' or ' ')
        {
            return "ends with a dot or a space";
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            return Invariant($"is longer than {MaxBytes} bytes");
        }

        string stem = name.Split('.', 2)[0];
        return Devices.Contains(stem, StringComparer.OrdinalIgnoreCase) ? "is the name of a device on Windows" : null;
    }

    /// <summary>The name that transformers gives the shard of an index from 0: <c>model-00001-of-00003.safetensors</c>.</summary>
    public static string Shard(string baseName, int index, int count) => count == 1
        ? $"{baseName}.safetensors"
        : string.Create(CultureInfo.InvariantCulture, $"{baseName}-{index + 1:D5}-of-{count:D5}.safetensors");

    /// <summary><c>model.safetensors.index.json</c>.</summary>
    public static string Index(string baseName) => $"{baseName}.safetensors.index.json";
}
