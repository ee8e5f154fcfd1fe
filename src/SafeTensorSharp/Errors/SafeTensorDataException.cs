namespace SafeTensorSharp;

/// <summary>
/// The header was valid, but a tensor's data could not be delivered: the file changed, or a value is not allowed. What the destination
/// holds afterwards is undefined.
/// </summary>
public sealed class SafeTensorDataException : SafeTensorException
{
    internal SafeTensorDataException(
        SafeTensorErrorKind kind, string problem, string remedy, string? path, long? position, string? tensorName,
        long? elementIndex = null)
        : base(kind, problem, remedy, path, position, tensorName, inner: null)
    {
        ElementIndex = elementIndex;
    }

    /// <summary>The index of the element, in C order from 0, where one value is concerned.</summary>
    public long? ElementIndex { get; }
}
