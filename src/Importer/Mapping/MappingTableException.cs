using Importer.Mapping.Problems;

namespace Importer.Mapping;

/// <summary>A mapping table cannot be used: it is not <c>llmap/1</c>, or its static checks fail.</summary>
public sealed class MappingTableException : MappingException
{
    internal MappingTableException(string table, IReadOnlyList<TableProblem> problems)
        : base(
            $"The mapping table {NameText.Plain(table)} has {(problems.Count == 1 ? "an error" : $"{problems.Count} errors")}:",
            problems,
            omitted: 0,
            "Correct the table; mappings/README.md explains the language and llmap-1.schema.json helps an editor to check it.")
    {
        Table = table;
    }

    /// <summary>The file or resource.</summary>
    public string Table { get; }
}
