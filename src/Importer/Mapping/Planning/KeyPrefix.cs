using Importer.Mapping.Language;

namespace Importer.Mapping.Planning;

/// <summary>What stands before the names of a table in a checkpoint.</summary>
/// <param name="Wrapper">Before every name.</param>
/// <param name="Prefix">After the wrapper, before every name that is not absolute.</param>
internal sealed record KeyPrefix(string Wrapper, string Prefix)
{
    /// <summary>What stands before a name that is not absolute.</summary>
    internal string Whole => Wrapper + Prefix;

    internal string Before(Template name) => name.IsAbsolute ? Wrapper : Whole;

    /// <summary>All that a table allows, in its order.</summary>
    internal static IReadOnlyList<KeyPrefix> Candidates(MappingTable table) =>
        [.. table.Wrappers.SelectMany(wrapper => table.Prefixes.Select(prefix => new KeyPrefix(wrapper, prefix)))];
}
