namespace Importer.Mapping;

/// <summary>Which rule of a mapping table something follows from.</summary>
/// <param name="Section">The section of the table: <c>map</c>, <c>tie</c> or <c>drop</c>.</param>
/// <param name="Index">The rule's place in its section, from 0.</param>
/// <param name="Line">Its line in the table's text, from 1.</param>
public readonly record struct RuleLocation(string Section, int Index, int Line)
{
    /// <summary>The rule in the table's document, such as <c>map[3]</c>.</summary>
    public string Path => $"{Section}[{Index}]";

    /// <summary>As it is shown to people, such as <c>map[3] (line 24)</c>.</summary>
    public override string ToString() => $"{Path} (line {Line})";
}
