namespace SafeTensorSharp;

/// <summary>
/// What to do with a <c>BOOL</c> byte other than 0 and 1. The format does not forbid it, the reference implementation does not look,
/// and libtorch's behaviour on it is undefined.
/// </summary>
public enum BoolPolicy
{
    /// <summary>Throw <see cref="SafeTensorDataException"/> (<see cref="SafeTensorErrorKind.InvalidBool"/>).</summary>
    Reject,

    /// <summary>Read it as 1.</summary>
    Normalize,

    /// <summary>Read it as it is: for copying bytes that nobody interprets.</summary>
    Keep,
}
