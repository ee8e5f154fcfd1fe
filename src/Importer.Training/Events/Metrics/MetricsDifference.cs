namespace Importer.Training.Events;

/// <summary>Something in which two runs' metrics differ.</summary>
/// <param name="Line">The line: <c>step 12</c> or <c>eval 8</c>.</param>
/// <param name="Field">What of it; null for the whole line.</param>
/// <param name="First">The one's value; null where it has none.</param>
/// <param name="Second">The other's.</param>
public sealed record MetricsDifference(string Line, string? Field, string? First, string? Second)
{
    /// <summary>One line for a person.</summary>
    public override string ToString() => $"{Line}{(Field is null ? "" : $" {Field}")}: {First ?? "missing"} and {Second ?? "missing"}";
}
