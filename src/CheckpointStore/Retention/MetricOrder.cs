namespace CheckpointStorage;

/// <summary>Which metric is better.</summary>
public enum MetricOrder
{
    /// <summary>The lower, such as a loss.</summary>
    LowerIsBetter,

    /// <summary>The higher, such as an accuracy.</summary>
    HigherIsBetter,
}
