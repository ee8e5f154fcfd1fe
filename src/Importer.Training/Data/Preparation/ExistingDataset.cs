using Importer.IO;

namespace Importer.Training.Data;

/// <summary>What stands at the place of a preparation. Looking writes nothing.</summary>
/// <param name="Meta">The description of intact or other prepared data; null where there is nothing, or it is damaged.</param>
/// <param name="Damage">What is wrong with prepared data; empty where nothing is.</param>
internal sealed record ExistingDataset(DatasetMeta? Meta, IReadOnlyList<string> Damage)
{
    private const int NamesShown = 3;

    /// <summary>Looks at a directory.</summary>
    /// <exception cref="DatasetExistsException">It holds what no preparation wrote.</exception>
    public static ExistingDataset Inspect(string directory)
    {
        switch (FileFacts.Of(directory).Kind)
        {
            case FileKind.Missing:
                return new ExistingDataset(null, []);
            case FileKind.Directory:
                break;
            default:
                throw new DatasetExistsException(directory, ["there is a file of that name"], "Choose another directory with --out.");
        }

        string[] entries = [.. Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        string[] others = [.. entries.Where(name => !DatasetWriter.IsOwn(name) || FileFacts.TryOf(Path.Combine(directory, name)).Kind != FileKind.File)];
        if (others.Length > 0)
        {
            string more = others.Length > NamesShown ? $" and {others.Length - NamesShown} more" : "";
            throw new DatasetExistsException(
                directory, [$"it holds {string.Join(", ", others.Take(NamesShown))}{more}, which no preparation wrote"],
                "It was left as it is. Choose another directory with --out, or move away what is there yourself.");
        }

        if (entries.Length == 0)
        {
            return new ExistingDataset(null, []);
        }

        try
        {
            return DatasetMetaFile.Read(directory) is { } meta
                ? new ExistingDataset(meta, [])
                : throw new DatasetExistsException(
                    directory, [$"it holds {string.Join(", ", entries.Take(NamesShown))}, but no {DatasetMeta.FileName} that says that they are prepared data"],
                    "It was left as it is. Choose another directory with --out, or move away what is there yourself.");
        }
        catch (DatasetFormatException e)
        {
            return new ExistingDataset(null, e.Problems);
        }
    }

    /// <summary>What differs from what would be written, each in a few words.</summary>
    public IReadOnlyList<string> Differences(DatasetMeta wanted)
    {
        if (Meta is null)
        {
            return Damage;
        }

        var found = new List<string>();
        Compare("it was made of another text, or the text has changed", Meta.Source.Sha256, wanted.Source.Sha256);
        Compare("it was made with another tokenizer", Meta.Tokenizer.Sha256, wanted.Tokenizer.Sha256);
        Compare($"its split is another one: {Meta.SplitRule}", Meta.SplitRule, wanted.SplitRule);
        Compare($"its documents end with {Meta.Tokenizer.Eos?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no token"}", Meta.Tokenizer.Eos, wanted.Tokenizer.Eos);
        Compare($"it was made of the field {Meta.Source.Field}", Meta.Source.Field, wanted.Source.Field);
        return found;

        void Compare<T>(string difference, T there, T wanted)
        {
            if (!EqualityComparer<T>.Default.Equals(there, wanted))
            {
                found.Add(difference);
            }
        }
    }
}
