using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>A file or a set has no tensor of the name that was asked for.</summary>
public sealed class SafeTensorNotFoundException : SafeTensorException
{
    internal SafeTensorNotFoundException(string tensorName, string? path, int tensorCount)
        : base(
            SafeTensorErrorKind.TensorNotFound,
            Invariant($"No tensor of that name among {tensorCount:N0}"),
            "List the names with Tensors; keys often differ by a prefix such as \"transformer.\" or \"model.\".",
            path,
            position: null,
            tensorName,
            inner: null)
    {
    }
}
