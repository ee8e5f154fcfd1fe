namespace Importer.Training.Checkpoints;

/// <summary>After which updates a checkpoint is saved: every N, and near the end ever closer where that is asked for.</summary>
internal sealed class SaveSchedule
{
    private readonly HashSet<long> _tail = [];

    /// <param name="interval">Updates between checkpoints; null for none by number.</param>
    /// <param name="totalSteps">Updates of the run.</param>
    /// <param name="adaptive">Whether what is left after the last whole interval is halved again and again.</param>
    /// <param name="floor">The least distance that halving comes to.</param>
    public SaveSchedule(long? interval, long totalSteps, bool adaptive, long floor)
    {
        Interval = interval;
        if (!adaptive || interval is not { } length)
        {
            return;
        }

        // Without the floor there would be log2(interval) checkpoints, the last ones an update apart.
        long step = totalSteps / length * length;
        for (long left = totalSteps - step; left > floor; left = totalSteps - step)
        {
            step += Math.Max(left / 2, floor);
            _tail.Add(step);
        }
    }

    /// <summary>Updates between checkpoints; null where evaluations decide.</summary>
    public long? Interval { get; }

    /// <summary>The schedule of some options; without <see cref="TrainingOptions.SaveInterval"/> there is none by number.</summary>
    public static SaveSchedule For(TrainingOptions options, long totalSteps) => new(
        options.SaveInterval switch
        {
            null => options.SaveAdaptive ? options.EvalInterval : null,
            "auto" => Auto(totalSteps),
            var text => SettingValue.Integer(text),
        },
        totalSteps,
        options.SaveAdaptive,
        options.SaveIntervalMin);

    /// <summary>A fifteenth of the run, which lies between a twentieth and a tenth.</summary>
    public static long Auto(long totalSteps) => Math.Max(1, (long)Math.Round(totalSteps / 15.0, MidpointRounding.AwayFromZero));

    /// <summary>Whether a checkpoint is due after so many updates.</summary>
    public bool IsDue(long step) => step > 0 && ((Interval is { } interval && step % interval == 0) || _tail.Contains(step));

    /// <summary>How many there will be from a step on to the end, the end included.</summary>
    public int CountAfter(long step, long totalSteps, long otherwiseEvery)
    {
        long interval = Interval ?? otherwiseEvery;
        long whole = totalSteps / interval - step / interval + _tail.Count(at => at > step && at % interval != 0);
        return (int)Math.Min(int.MaxValue, whole + (totalSteps % interval == 0 || _tail.Contains(totalSteps) ? 0 : 1));
    }

    /// <summary>How many of those are multiples of a number, which keeps them.</summary>
    public int CountMultiplesAfter(long step, long totalSteps, long otherwiseEvery, long multiple)
    {
        long interval = Interval ?? otherwiseEvery;
        Int128 both = (Int128)interval / (long)System.Numerics.BigInteger.GreatestCommonDivisor(interval, multiple) * multiple;
        Int128 count = (totalSteps / both) - (step / both) + _tail.Append(totalSteps).Distinct().Count(at => at > step && at % multiple == 0 && at % interval != 0);
        return (int)Int128.Min(int.MaxValue, count);
    }
}
