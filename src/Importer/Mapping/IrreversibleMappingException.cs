using Importer.Mapping.Problems;

namespace Importer.Mapping;

/// <summary>A mapping cannot run backwards, so what it loads cannot be exported with it.</summary>
public sealed class IrreversibleMappingException : MappingException
{
    internal IrreversibleMappingException(WeightMapping mapping, IReadOnlyList<IrreversibleRule> problems)
        : base(
            $"The mapping {mapping.Name} (version {mapping.Version}) cannot run backwards:", problems, 0,
            "Where zeros will do for the rest, write \"take … pad zeros\" in the table.")
    {
        Mapping = mapping.Name;
    }

    /// <summary>The mapping's name.</summary>
    public string Mapping { get; }
}
