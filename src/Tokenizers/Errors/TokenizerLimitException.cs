using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>A file or a text exceeds one of the <see cref="TokenizerLimits"/>.</summary>
public sealed class TokenizerLimitException : TokenizerException
{
    internal TokenizerLimitException(string what, string limitName, long actual, long allowed, string? path = null)
        : base(
            Invariant($"{what}: {actual:N0}, where {allowed:N0} are allowed"),
            $"If it is genuine and trusted, raise {nameof(TokenizerLimits)}.{limitName}; otherwise fetch it again from its source.",
            path)
    {
        LimitName = limitName;
        Actual = actual;
        Allowed = allowed;
    }

    /// <summary>The property of <see cref="TokenizerLimits"/> that is exceeded.</summary>
    public string LimitName { get; }

    /// <summary>What was found; where counting stopped at the limit, the first number beyond it.</summary>
    public long Actual { get; }

    /// <summary>The limit's value.</summary>
    public long Allowed { get; }
}
