namespace Importer.Mapping.Problems;

/// <summary>One thing that is wrong with a table, a configuration or a checkpoint; the children carry its data.</summary>
public abstract record MappingProblem
{
    private protected MappingProblem()
    {
    }

    /// <summary>What is wrong, in one line; names that come from files are escaped.</summary>
    public abstract string Text { get; }

    /// <summary>What one, or several, of the kind are called in a heading.</summary>
    internal abstract (string One, string Many) Kind { get; }

    /// <inheritdoc cref="Text"/>
    public sealed override string ToString() => Text;
}
