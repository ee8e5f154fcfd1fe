using Importer.IO;

namespace Importer.Sources;

/// <summary>The state of a source's directory before anything of it was read, to see afterwards whether it held still.</summary>
internal sealed class SourceSnapshot
{
    private readonly Dictionary<string, FileFacts> _facts;

    private SourceSnapshot(Dictionary<string, FileFacts> facts) => _facts = facts;

    /// <summary>Takes the state of every file in a directory; it is not known yet which of them belong to the model.</summary>
    /// <param name="path">The directory, or a file in it.</param>
    public static SourceSnapshot Take(string path)
    {
        path = Path.GetFullPath(path);
        string directory = FileFacts.Of(path).Kind == FileKind.Directory ? path : Path.GetDirectoryName(path)!;
        var facts = new Dictionary<string, FileFacts>(StringComparer.Ordinal);
        if (FileFacts.Of(directory).Kind == FileKind.Directory)
        {
            foreach (string entry in Directory.EnumerateFileSystemEntries(directory))
            {
                facts[Path.GetFileName(entry)] = FileFacts.TryOf(entry);
            }
        }

        return new SourceSnapshot(facts);
    }

    /// <summary>Makes sure that what was read is what was there at the beginning.</summary>
    /// <exception cref="SourceChangedException">Files were written to, replaced, added or removed.</exception>
    public void Verify(ModelDirectory directory)
    {
        string[] changed =
        [
            .. directory.SourceFiles.Where(name => !_facts.TryGetValue(name, out var before) || before != FileFacts.Of(directory.PathOf(name))),
        ];
        if (changed.Length > 0)
        {
            throw new SourceChangedException(directory.Path, changed);
        }
    }
}
