namespace Importer.Training;

/// <summary>A setting that two runs, or two sessions of one, have otherwise.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Was">The one's value, as text.</param>
/// <param name="Is">The other's.</param>
public sealed record SettingDifference(string Name, string Was, string Is)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}: was {Was}, is {Is}";
}
