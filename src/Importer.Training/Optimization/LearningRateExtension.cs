namespace Importer.Training.Optimization;

/// <summary>What becomes of the learning rate when a run goes on beyond its planned end.</summary>
public enum LearningRateExtension
{
    /// <summary>The schedule stays: beyond its end the rate is its floor.</summary>
    Keep,

    /// <summary>The cosine is stretched to the new end; the rate jumps to where it would have been.</summary>
    Rescale,

    /// <summary>The rate of the last update is held.</summary>
    Constant,
}
