using System.Globalization;
using System.Text.Unicode;

namespace Importer.Cli;

/// <summary>The command line as bytes: .NET makes U+FFFD of what is no UTF-8, which a model would take for what was meant and a path for another.</summary>
internal static class RawArguments
{
    /// <summary>Says which argument is no UTF-8; null where all are, or where nobody can tell.</summary>
    /// <param name="args">The arguments as .NET gives them.</param>
    public static string? Refusal(string[] args)
    {
        const string commandLine = "/proc/self/cmdline";
        return args.Any(arg => arg.Contains('\uFFFD', StringComparison.Ordinal)) && File.Exists(commandLine)
            ? Refusal(args.Length, File.ReadAllBytes(commandLine))
            : null;
    }

    /// <inheritdoc cref="Refusal(string[])"/>
    /// <param name="count">How many arguments the program has; the runtime's own come before them.</param>
    /// <param name="commandLine">All of them, each ended by a zero.</param>
    internal static string? Refusal(int count, ReadOnlySpan<byte> commandLine)
    {
        var ranges = new List<Range>();
        foreach (var range in commandLine[..Math.Max(0, commandLine.Length - 1)].Split((byte)0))
        {
            ranges.Add(range);
        }

        for (int i = 0; i < count && count <= ranges.Count; i++)
        {
            var bytes = commandLine[ranges[ranges.Count - count + i]];
            if (!Utf8.IsValid(bytes))
            {
                int at = ValidLength(bytes);
                return string.Create(CultureInfo.InvariantCulture, $"Argument {i + 1} is not UTF-8 text: byte {at} of it is 0x{bytes[at]:X2}.");
            }
        }

        return null;
    }

    private static int ValidLength(ReadOnlySpan<byte> bytes)
    {
        Span<char> ignored = bytes.Length < 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        Utf8.ToUtf16(bytes, ignored, out int read, out _, replaceInvalidSequences: false, isFinalBlock: true);
        return read;
    }
}
