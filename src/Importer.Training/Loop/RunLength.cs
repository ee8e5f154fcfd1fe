namespace Importer.Training;

/// <summary>How long a run is.</summary>
internal static class RunLength
{
    private const long DefaultSteps = 600_000;

    /// <summary>Updates, and windows, of a whole run.</summary>
    /// <param name="options">What it is asked for.</param>
    /// <param name="samplesPerEpoch">Windows of an epoch; null where there is no such number.</param>
    /// <exception cref="ArgumentException">Epochs are asked for and the data has none.</exception>
    public static (long Steps, long Samples) Of(TrainingOptions options, long? samplesPerEpoch)
    {
        if ((options.Epochs ?? options.StopAfterEpochs) is not null && samplesPerEpoch is null)
        {
            throw new ArgumentException("The run's length is given in epochs, and its data has none. Give max_iters, or use the epoch sampler.", nameof(options));
        }

        long perStep = (long)options.BatchSize * options.GradientAccumulationSteps;
        if (options.Epochs is { } epochs && options.MaxIters is null)
        {
            long samples = (long)Math.Clamp(Math.Round(epochs * samplesPerEpoch!.Value), 1, OptionChecks.Most);
            return ((samples + perStep - 1) / perStep, samples);
        }

        long steps = options.MaxIters ?? DefaultSteps;
        return (options.NanogptCompat ? steps + 1 : steps, long.MaxValue);
    }
}
