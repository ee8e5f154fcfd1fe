using System.Text;
using Kind = SafeTensorSharp.SafeTensorErrorKind;

namespace SafeTensorSharp.Tests;

/// <summary>A file that must be refused, and how.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="Kind">The rule that it breaks.</param>
/// <param name="Position">Where in the file the exception says it is.</param>
/// <param name="Tensor">The tensor that the exception names.</param>
internal sealed record MalformedCase(byte[] Bytes, Kind Kind, long? Position, string? Tensor = null)
{
    public Type ExceptionType { get; init; } = typeof(SafeTensorFormatException);

    /// <summary>What the file is recognised as.</summary>
    public DetectedFormat? Detected { get; init; }

    /// <summary>How <see cref="SafeTensorReadOptions.Compat"/> refuses it; null when it accepts the file.</summary>
    public Kind? CompatKind { get; init; } = Kind;

    /// <summary>A header in which <c>^</c> marks the position that the exception tells; the mark is taken out.</summary>
    public static MalformedCase Header(string marked, Kind kind, string? tensor = null, int dataBytes = 0)
    {
        int mark = marked.IndexOf('^', StringComparison.Ordinal);
        string header = marked.Remove(mark, 1);
        return new MalformedCase(RawFile.Build(header, dataBytes), kind, 8 + Encoding.UTF8.GetByteCount(marked[..mark]), tensor);
    }

    /// <summary>As <see cref="Header"/>, for one tensor of four bytes named <c>a</c>.</summary>
    public static MalformedCase Entry(string marked, Kind kind) => Header($"{{\"a\":{marked}}}", kind, "a", dataBytes: 4);
}
