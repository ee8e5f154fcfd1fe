using SharedSource.Text;

namespace SafeTensorSharp;

/// <summary>Makes the exceptions of one header. Positions are given within the header and told within the file.</summary>
internal sealed class HeaderErrors(string? path)
{
    private const string Remedy = "The file is damaged or was written by a faulty program; fetch it again or export it again.";

    private const string LaxRemedy =
        "The reference implementation reads such files; to do so too, set "
        + $"{nameof(SafeTensorReadOptions)}.{nameof(SafeTensorReadOptions.Compat)}.";

    public string? Path { get; } = path;

    public List<string> Warnings { get; } = [];

    public SafeTensorFormatException At(
        SafeTensorErrorKind kind, long headerPosition, string problem, string? tensorName = null, string remedy = Remedy,
        Exception? inner = null) =>
        new(kind, problem, remedy, Path, headerPosition + SafeTensorHeader.LengthBytes, tensorName, inner);

    public SafeTensorFormatException LaxAt(
        SafeTensorErrorKind kind, long headerPosition, string problem, string? tensorName = null) =>
        At(kind, headerPosition, problem, tensorName, LaxRemedy);

    public SafeTensorFormatException DuplicateKey(long headerPosition, string key, string? tensorName) =>
        At(
            SafeTensorErrorKind.DuplicateKey, headerPosition,
            $"The key {Escape.Quote(key)} occurs twice, and readers differ in which one they take", tensorName);

    public SafeTensorLimitException Limit(
        string what, string limitName, long actual, long allowed, long headerPosition, string? tensorName = null) =>
        new(
            SafeTensorErrorKind.LimitExceeded, what, limitName, (ulong)actual, allowed, Path,
            headerPosition + SafeTensorHeader.LengthBytes, tensorName);
}
