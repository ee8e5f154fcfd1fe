using SharedSource.Text;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// The base of everything that this library throws about the content of a file. The message says what is wrong, where, and what to
/// do; names that come from a file are escaped in it.
/// </summary>
public abstract class SafeTensorException : IOException
{
    private protected SafeTensorException(
        SafeTensorErrorKind kind, string problem, string remedy, string? path, long? position, string? tensorName, Exception? inner)
        : base(Compose(problem, remedy, path, position, tensorName), inner)
    {
        Kind = kind;
        Remedy = remedy;
        Path = path;
        Position = position;
        TensorName = tensorName;
    }

    /// <summary>The rule that is broken.</summary>
    public SafeTensorErrorKind Kind { get; }

    /// <summary>What to do about it; also the end of <see cref="Exception.Message"/>.</summary>
    public string Remedy { get; }

    /// <summary>The file, where it is known.</summary>
    public string? Path { get; }

    /// <summary>The offset in the file, in bytes from its beginning, of what is wrong; null where no single place is.</summary>
    public long? Position { get; }

    /// <summary>The tensor's name as it is in the file, not escaped; null where no tensor is concerned.</summary>
    public string? TensorName { get; }

    private static string Compose(string problem, string remedy, string? path, long? position, string? tensorName)
    {
        string where = string.Join(
            ", ",
            new[]
            {
                path is null ? null : "file " + Escape.Quote(path),
                tensorName is null ? null : "tensor " + Escape.Quote(tensorName),
                position is null ? null : Invariant($"at byte {position}"),
            }.Where(part => part is not null));
        return where.Length == 0 ? $"{problem}. {remedy}" : $"{problem} ({where}). {remedy}";
    }
}
