namespace Importer.Training;

/// <summary>Where a setting's value came from.</summary>
/// <param name="Where">A file with line and column, the name of a ready configuration, or <c>command line</c>.</param>
/// <param name="WrittenAs">The name it was given under, such as <c>save_steps</c>.</param>
public sealed record SettingOrigin(string Where, string WrittenAs);
