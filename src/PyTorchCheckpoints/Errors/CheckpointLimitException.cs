using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>A file exceeds one of the <see cref="CheckpointLimits"/>.</summary>
public sealed class CheckpointLimitException : CheckpointException
{
    internal CheckpointLimitException(string what, string limitName, long actual, long allowed, string? path, long? position)
        : base(
            CheckpointErrorKind.LimitExceeded,
            Invariant($"{what}: {actual:N0}, where {allowed:N0} are allowed"),
            $"If the file is genuine and trusted, raise {nameof(CheckpointLimits)}.{limitName}; otherwise fetch it again from its source.",
            path,
            position,
            tensorName: null,
            inner: null)
    {
        LimitName = limitName;
        Actual = actual;
        Allowed = allowed;
    }

    /// <summary>The property of <see cref="CheckpointLimits"/> that is exceeded.</summary>
    public string LimitName { get; }

    /// <summary>What was found; where counting stopped at the limit, the first number beyond it.</summary>
    public long Actual { get; }

    /// <summary>The limit's value.</summary>
    public long Allowed { get; }
}
