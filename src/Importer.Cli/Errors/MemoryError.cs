using System.Runtime.InteropServices;

namespace Importer.Cli;

/// <summary>Memory that there is not enough of, the machine's or a GPU's; .NET has a type of error for it, torch only words.</summary>
internal static class MemoryError
{
    private static readonly string[] Words = ["out of memory", "allocate memory", "not enough memory"];

    /// <summary>Whether that is what an error says.</summary>
    public static bool Is(Exception error) =>
        error is OutOfMemoryException || (error is ExternalException && Words.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase)));

    /// <summary>What happened and what to do.</summary>
    public static (string Problem, string Remedy) Describe(Exception error) => (
        error is OutOfMemoryException ? "There is not enough memory" : $"There is not enough memory: {error.Message.Split('\n')[0].TrimEnd('.', ' ')}",
        "Take a smaller model, --dtype bf16, another --device, fewer samples or a smaller window.");
}
