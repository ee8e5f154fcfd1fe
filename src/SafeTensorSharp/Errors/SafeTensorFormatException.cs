namespace SafeTensorSharp;

/// <summary>A file breaks a rule of the safetensors format; <see cref="SafeTensorException.Kind"/> says which.</summary>
public sealed class SafeTensorFormatException : SafeTensorException
{
    internal SafeTensorFormatException(
        SafeTensorErrorKind kind, string problem, string remedy, string? path, long? position, string? tensorName = null,
        Exception? inner = null)
        : base(kind, problem, remedy, path, position, tensorName, inner)
    {
    }
}
