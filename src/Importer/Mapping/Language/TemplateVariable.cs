namespace Importer.Mapping.Language;

/// <summary>What stands between braces in a template: a numbered index or one of a set of words.</summary>
internal sealed class TemplateVariable
{
    private TemplateVariable(string name, Expression? bound, IReadOnlyList<string>? words)
    {
        Name = name;
        Bound = bound;
        Words = words;
    }

    internal string Name { get; }

    /// <summary>For an index, how many values it has: 0 up to this, exclusive. Null for a set.</summary>
    internal Expression? Bound { get; }

    /// <summary>The words of a set; null for an index.</summary>
    internal IReadOnlyList<string>? Words { get; }

    internal static TemplateVariable Index(string name, Expression bound) => new(name, bound, null);

    internal static TemplateVariable Set(string name, IReadOnlyList<string> words) => new(name, null, words);
}
