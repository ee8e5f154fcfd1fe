namespace Importer.Training.Optimization;

/// <summary>The settings of <see cref="AdamW"/> that hold for all parameters. The defaults are nanoGPT's.</summary>
public sealed record AdamWOptions
{
    /// <summary>How much of the mean of gradients is kept per update, 0 to 1. <value>The default is 0.9.</value></summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the mean of squared gradients is kept per update, 0 to 1. <value>The default is 0.95.</value></summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the mean square. <value>The default is 1e-8.</value></summary>
    public double Epsilon { get; init; } = 1e-8;

    internal void Validate()
    {
        Check(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "at least 0 and below 1");
        Check(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "at least 0 and below 1");
        Check(Epsilon is >= 0 and < double.PositiveInfinity, nameof(Epsilon), Epsilon, "at least 0");

        static void Check(bool holds, string name, double value, string range)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} is {value}; it is {range}."));
            }
        }
    }
}
