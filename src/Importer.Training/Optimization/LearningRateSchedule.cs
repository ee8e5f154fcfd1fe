namespace Importer.Training.Optimization;

/// <summary>
/// nanoGPT's learning rate as a function of the update's number: a linear warm-up, then a cosine down to a floor (train.py,
/// <c>get_lr</c>). A run's position in it is its step, so there is nothing to save but the record itself.
/// </summary>
public sealed record LearningRateSchedule
{
    /// <summary>The highest learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The rate from <see cref="DecaySteps"/> on.</summary>
    public double MinLearningRate { get; init; }

    /// <summary>Updates over which the rate rises.</summary>
    public long WarmupSteps { get; init; }

    /// <summary>The update at which <see cref="MinLearningRate"/> is reached.</summary>
    public long DecaySteps { get; init; }

    /// <summary>Whether the rate changes at all; without, it is <see cref="LearningRate"/> throughout.</summary>
    public bool Decays { get; init; } = true;

    /// <summary>The update from which on the rate is <see cref="HeldRate"/>; null where none is held.</summary>
    public long? HeldFrom { get; init; }

    /// <summary>The rate that is held, of an extension by <see cref="LearningRateExtension.Constant"/>.</summary>
    public double HeldRate { get; init; }

    // train.py's lr_decay_iters, however long the run is.
    private const long NanoGptDecaySteps = 600_000;

    /// <summary>The schedule of some options.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="totalSteps">
    /// The length of the run, which is <see cref="DecaySteps"/> where the options don't say; with <see cref="TrainingOptions.NanogptCompat"/>
    /// that is nanoGPT's 600000.
    /// </param>
    public static LearningRateSchedule From(TrainingOptions options, long totalSteps)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new LearningRateSchedule
        {
            LearningRate = options.LearningRate,
            MinLearningRate = options.MinLr,
            WarmupSteps = options.WarmupIters,
            DecaySteps = options.LrDecayIters ?? (options.NanogptCompat ? NanoGptDecaySteps : totalSteps),
            Decays = options.DecayLr,
        };
    }

    /// <summary>The learning rate of an update.</summary>
    /// <param name="step">Updates before it, from 0.</param>
    public double At(long step)
    {
        if (step >= HeldFrom)
        {
            return HeldRate;
        }

        if (!Decays)
        {
            return LearningRate;
        }

        if (step < WarmupSteps)
        {
            return LearningRate * (step + 1) / (WarmupSteps + 1);
        }

        if (step > DecaySteps)
        {
            return MinLearningRate;
        }

        // At 0/0, warm-up and decay ending together, nanoGPT divides by zero; the highest rate comes before the floor.
        double ratio = DecaySteps == WarmupSteps ? 0 : (double)(step - WarmupSteps) / (DecaySteps - WarmupSteps);
        return MinLearningRate + 0.5 * (1.0 + Math.Cos(Math.PI * ratio)) * (LearningRate - MinLearningRate);
    }

    /// <summary>The schedule of a run that becomes longer than it was planned.</summary>
    /// <param name="policy">What happens to the rate.</param>
    /// <param name="step">Updates that are done.</param>
    /// <param name="totalSteps">The run's new length, in updates.</param>
    public LearningRateSchedule Extend(LearningRateExtension policy, long step, long totalSteps) => policy switch
    {
        LearningRateExtension.Keep => this,
        LearningRateExtension.Rescale => this with { DecaySteps = totalSteps, HeldFrom = null, HeldRate = 0 },
        LearningRateExtension.Constant => this with { HeldFrom = step, HeldRate = At(Math.Max(0, step - 1)) },
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, null),
    };
}
