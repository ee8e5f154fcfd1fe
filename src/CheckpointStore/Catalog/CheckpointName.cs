using System.Globalization;
using System.Text.RegularExpressions;

namespace CheckpointStorage;

/// <summary>
/// The name of a checkpoint's directory, which is its id: <c>step-00002000-20261121T061432Z-1a2b3c4d5e6f</c>. The step has at
/// least eight digits; the time is UTC; the hash is the beginning of the SHA-256 of the checkpoint's manifest, so that the name
/// vouches for the manifest, and the manifest for every file.
/// </summary>
/// <remarks>
/// Checkpoints are ordered by time, then step. A store never gives a new checkpoint a name that is not after all it holds: when
/// the clock was set back, the name's time goes on from the newest one (the manifest has the clock's). So the newest is what
/// was saved last, also when a run was taken back to an earlier step.
/// </remarks>
public sealed partial record CheckpointName
{
    /// <summary>What a name looks like.</summary>
    public const string Pattern = "^step-(?<step>[0-9]{8,19})-(?<utc>[0-9]{8}T[0-9]{6}Z)-(?<hash>[0-9a-f]{12})$";

    internal const int HashLength = 12;

    /// <summary>Older ones first.</summary>
    internal static Comparer<CheckpointName?> Order { get; } = Comparer<CheckpointName?>.Create(Compare);

    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>Makes a name.</summary>
    /// <param name="step">The step, 0 or more.</param>
    /// <param name="savedAt">When it was saved; cut to whole seconds of UTC.</param>
    /// <param name="hash">Twelve lower-case hex digits.</param>
    /// <exception cref="ArgumentException">A part is not what it must be.</exception>
    public CheckpointName(long step, DateTimeOffset savedAt, string hash)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentNullException.ThrowIfNull(hash);
        if (hash.Length != HashLength || !hash.All(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException($"A checkpoint's hash has {HashLength} lower-case hex digits.", nameof(hash));
        }

        Step = step;
        SavedAt = WholeSeconds(savedAt);
        Hash = hash;
    }

    /// <summary>Updates that were done.</summary>
    public long Step { get; }

    /// <summary>When it was saved, to the second, in UTC.</summary>
    public DateTimeOffset SavedAt { get; }

    /// <summary>The first twelve hex digits of the SHA-256 of the manifest.</summary>
    public string Hash { get; }

    /// <summary>Reads a name back.</summary>
    /// <param name="text">A directory's name.</param>
    /// <param name="name">The parts; null when this is no checkpoint's name.</param>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CheckpointName? name)
    {
        name = null;
        Match match = Expression().Match(text ?? "");
        if (!match.Success
            || !long.TryParse(match.Groups["step"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            || !DateTimeOffset.TryParseExact(
                match.Groups["utc"].ValueSpan, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset utc))
        {
            return false;
        }

        var parsed = new CheckpointName(step, utc, match.Groups["hash"].Value);
        name = parsed.ToString() == text ? parsed : null; // one spelling only: no zeros before a long step, no line break at the end
        return name is not null;
    }

    /// <summary>The directory's name.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"step-{Step:D8}-{SavedAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{Hash}");

    /// <summary>A time for the next name: the clock's, or the first that puts it after the newest one.</summary>
    internal static DateTimeOffset TimeAfter(CheckpointName? newest, long step, DateTimeOffset now)
    {
        DateTimeOffset time = WholeSeconds(now);
        if (newest is null || time > newest.SavedAt)
        {
            return time;
        }

        return step > newest.Step ? newest.SavedAt : newest.SavedAt.AddSeconds(1);
    }

    private static int Compare(CheckpointName? one, CheckpointName? other)
    {
        if (one is null || other is null)
        {
            return (one is null ? 0 : 1) - (other is null ? 0 : 1);
        }

        int order = one.SavedAt.CompareTo(other.SavedAt);
        order = order != 0 ? order : one.Step.CompareTo(other.Step);
        return order != 0 ? order : string.CompareOrdinal(one.Hash, other.Hash);
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant)]
    private static partial Regex Expression();
}
