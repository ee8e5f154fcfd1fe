namespace Importer.Training;

/// <summary>Something that is wrong with a run's settings.</summary>
/// <param name="Setting">The setting's name, with underscores; what was given where there is no such setting.</param>
/// <param name="Message">What is wrong, a phrase that begins with the name.</param>
/// <param name="Where">Where it was given: a file with line and column, or the command line; null for options made in code.</param>
public sealed record ConfigurationProblem(string Setting, string Message, string? Where = null)
{
    /// <inheritdoc/>
    public override string ToString() => Where is null ? Message : $"{Message} ({Where})";
}
