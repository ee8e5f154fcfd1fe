using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>A file or a request exceeds one of the <see cref="SafeTensorLimits"/>.</summary>
public sealed class SafeTensorLimitException : SafeTensorException
{
    internal SafeTensorLimitException(
        SafeTensorErrorKind kind, string what, string limitName, ulong actual, long allowed, string? path, long? position,
        string? tensorName)
        : base(
            kind,
            Invariant($"{what}: {actual:N0}, where {allowed:N0} are allowed"),
            $"If the file is genuine and trusted, raise {nameof(SafeTensorLimits)}.{limitName}; otherwise fetch it again from its source.",
            path,
            position,
            tensorName,
            inner: null)
    {
        LimitName = limitName;
        Actual = actual;
        Allowed = allowed;
    }

    /// <summary>The property of <see cref="SafeTensorLimits"/> that is exceeded.</summary>
    public string LimitName { get; }

    /// <summary>What was found; where counting stopped at the limit, the first number beyond it.</summary>
    public ulong Actual { get; }

    /// <summary>The limit's value.</summary>
    public long Allowed { get; }
}
