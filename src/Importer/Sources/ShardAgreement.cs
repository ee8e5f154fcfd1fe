using Importer.Mapping;
using SafeTensorSharp;

namespace Importer.Sources;

/// <summary>Whether an index and the files that it lists agree: each tensor is in one file, and in the one that the index says.</summary>
internal static class ShardAgreement
{
    /// <summary>All contradictions, a few words each; none where they agree.</summary>
    /// <param name="index">The index.</param>
    /// <param name="parts">The files with the names of their tensors.</param>
    public static IReadOnlyList<string> Problems(SafeTensorIndex index, IReadOnlyList<(string File, IEnumerable<string> Names)> parts)
    {
        List<string> problems = [];
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var read = parts.Select(part => part.File).ToHashSet(StringComparer.Ordinal);
        foreach (var (file, names) in parts)
        {
            foreach (string name in names)
            {
                if (!found.TryAdd(name, file))
                {
                    problems.Add($"{NameText.Quote(name)} is in {found[name]} and in {file}");
                }
                else if (!index.WeightMap.ContainsKey(name))
                {
                    problems.Add($"{NameText.Quote(name)} is in {file} and not in the index");
                }
            }
        }

        // A file that could not be read is a problem of its own, not one for each of its tensors.
        problems.AddRange(index.WeightMap.Where(entry => read.Contains(entry.Value) && found.GetValueOrDefault(entry.Key) != entry.Value)
            .Select(entry => $"{NameText.Quote(entry.Key)} is not in {entry.Value}, where the index says it is"));
        return problems;
    }
}
