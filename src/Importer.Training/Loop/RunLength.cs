namespace Importer.Training;

/// <summary>How long a run is.</summary>
internal static class RunLength
{
    private const long DefaultSteps = 600_000;

    /// <summary>Updates, and windows, of a whole run.</summary>
    /// <param name="options">What it is asked for.</param>
    /// <param name="samplesPerEpoch">Windows of an epoch; null where there is no such number.</param>
    /// <param name="step">Updates that are made, perhaps of another size than the options'.</param>
    /// <param name="done">Windows that they learned from.</param>
    /// <exception cref="ArgumentException">Epochs are asked for and the data has none.</exception>
    public static (long Steps, long Samples) Of(TrainingOptions options, long? samplesPerEpoch, long step = 0, long done = 0)
    {
        if ((options.Epochs ?? options.StopAfterEpochs) is not null && samplesPerEpoch is null)
        {
            throw new ArgumentException("The run's length is given in epochs, and its data has none. Give max_iters, or use the epoch sampler.", nameof(options));
        }

        long perStep = (long)options.BatchSize * options.GradientAccumulationSteps;
        if (options.Epochs is { } epochs && options.MaxIters is null)
        {
            long samples = (long)Math.Clamp(Math.Round(epochs * samplesPerEpoch!.Value), 1, OptionChecks.Most);
            return (step + ((Math.Max(0, samples - done) + perStep - 1) / perStep), samples);
        }

        long steps = options.MaxIters ?? DefaultSteps;
        return (options.NanogptCompat ? steps + 1 : steps, long.MaxValue);
    }

    /// <summary>Windows that a state has learned from; of other data, or of a shorter context, so many as make the same epochs.</summary>
    /// <param name="state">The state.</param>
    /// <param name="samplesPerEpoch">Windows of an epoch now; null where there is no such number.</param>
    public static long Done(TrainingState state, long? samplesPerEpoch) =>
        samplesPerEpoch is { } windows && state.Epoch > 0 && Math.Round(state.Epoch * windows) is var same && Math.Abs(same - state.SamplesSeen) > 1
            ? (long)Math.Min(same, OptionChecks.Most)
            : state.SamplesSeen;
}
