using System.IO.Enumeration;
using Importer.IO;

namespace Importer.Training.Data;

/// <summary>Text that is to be tokenised: a file, a file of JSON lines, or a directory of such files.</summary>
internal sealed class Corpus
{
    private static readonly string[] JsonLinesNames = [".jsonl", ".ndjson"], TextNames = [".txt", ".text", ".md"];

    private readonly IReadOnlyList<(string Path, string Name)> _files;
    private readonly string _field;
    private readonly bool _replaceInvalid;

    private Corpus(string path, IReadOnlyList<(string, string)> files, bool isDirectory, int ignored, string field, bool replaceInvalid)
    {
        Path = path;
        _files = files;
        IsDirectory = isDirectory;
        FilesIgnored = ignored;
        _field = field;
        _replaceInvalid = replaceInvalid;
        TotalBytes = _files.Sum(file => RegularFile.Length(file.Path));
    }

    /// <summary>The file or directory, as a full path.</summary>
    public string Path { get; }

    /// <summary>Its name.</summary>
    public string Name => System.IO.Path.GetFileName(Path.TrimEnd(System.IO.Path.DirectorySeparatorChar));

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory { get; }

    /// <summary>Whether it consists of documents, which are told apart in the tokens; one text file is one text.</summary>
    public bool HasDocuments => IsDirectory || IsJsonLines(_files[0].Path);

    /// <summary>The field of JSON lines that is read; null where there are none.</summary>
    public string? Field => _files.Any(file => IsJsonLines(file.Path)) ? _field : null;

    /// <summary>Files of a directory that are no text by their names.</summary>
    public int FilesIgnored { get; }

    /// <summary>How much there is to read.</summary>
    public long TotalBytes { get; }

    /// <summary>Finds the files. None is opened.</summary>
    /// <param name="path">A file, or a directory, which is searched with all below it; names that begin with a dot are passed over.</param>
    /// <param name="field">The field of JSON lines that is the text.</param>
    /// <param name="replaceInvalid">Whether what is no Unicode becomes U+FFFD instead of an error.</param>
    /// <exception cref="DatasetNotFoundException">There is none, or no text in it.</exception>
    public static Corpus Open(string path, string field, bool replaceInvalid)
    {
        path = System.IO.Path.GetFullPath(path);
        switch (FileFacts.Of(path).Kind)
        {
            case FileKind.Missing:
                throw new DatasetNotFoundException(path, "there is no such file or directory", "Check the path of the text.");
            case FileKind.Directory:
                return OpenDirectory(path, field, replaceInvalid);
            case FileKind.File when path.EndsWith(".bin", StringComparison.OrdinalIgnoreCase):
                throw new DatasetNotFoundException(path, "that is a file of tokens, not of text", "To train on tokens, give the directory that has train.bin and val.bin.");
            default:
                return new Corpus(path, [(path, System.IO.Path.GetFileName(path))], isDirectory: false, 0, field, replaceInvalid);
        }
    }

    /// <summary>The documents one after the other; each reader is read before the next is asked for.</summary>
    /// <param name="pass">Is told what is read.</param>
    public IEnumerable<TextReader> Documents(TextPass pass)
    {
        foreach (var (path, name) in _files)
        {
            if (IsJsonLines(path))
            {
                using var lines = new JsonLines(path, _field, pass, _replaceInvalid);
                foreach (string text in lines.Texts())
                {
                    using var reader = new StringReader(text);
                    yield return reader;
                }
            }
            else
            {
                using var reader = new Utf8Reader(path, pass, _replaceInvalid);
                yield return reader;
            }

            pass.EndFile(name);
        }
    }

    private static Corpus OpenDirectory(string path, string field, bool replaceInvalid)
    {
        var files = new List<(string Path, string Name)>();
        int ignored = 0;
        foreach (string found in FilesBelow(path))
        {
            string name = System.IO.Path.GetRelativePath(path, found).Replace('\\', '/');
            if (IsJsonLines(found) || TextNames.Contains(System.IO.Path.GetExtension(found), StringComparer.OrdinalIgnoreCase))
            {
                files.Add((found, name));
            }
            else
            {
                ignored++;
            }
        }

        if (files.Count == 0)
        {
            throw new DatasetNotFoundException(
                path, "there is no text in that directory", $"Texts are found by their names: {string.Join(", ", [.. TextNames, .. JsonLinesNames])}.");
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new Corpus(path, files, isDirectory: true, ignored, field, replaceInvalid);
    }

    // A directory that is a link may lead back to where it is.
    private static FileSystemEnumerable<string> FilesBelow(string path) => new(
        path, (ref FileSystemEntry entry) => entry.ToFullPath(),
        new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !entry.FileName.StartsWith('.'),
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.FileName.StartsWith('.') && (entry.Attributes & FileAttributes.ReparsePoint) == 0,
    };

    private static bool IsJsonLines(string path) => JsonLinesNames.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
