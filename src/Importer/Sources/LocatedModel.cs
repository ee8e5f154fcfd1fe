using System.Collections.ObjectModel;

namespace Importer.Sources;

/// <summary>A model that is on this machine's disk.</summary>
/// <param name="Path">Its directory, or a weights file in one.</param>
/// <param name="Id">Its id on the hub; null for one that was named by its path.</param>
/// <param name="Commit">The commit it was fetched from; null for one that was named by its path.</param>
internal sealed record LocatedModel(string Path, string? Id, string? Commit)
{
    /// <summary>The SHA-256 in lower-case hex of files by their names in the directory, where whoever fetched them verified it.</summary>
    public IReadOnlyDictionary<string, string> KnownSha256 { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}
