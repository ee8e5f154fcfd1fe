using System.Security.Cryptography;
using System.Text;

namespace Importer.IO;

/// <summary>The names beside a directory under which it is made, replaced and locked. Hidden, and never too long.</summary>
internal sealed class StagingNames
{
    // File systems allow 255 bytes; a mark and a random part have to fit behind the name.
    private const int LongestKept = 180;
    private const int Shortened = 100;
    private const string StagingMark = ".importing-", OldMark = ".replaced-";
    private readonly string _parent;
    private readonly string _stem;

    public StagingNames(string target)
    {
        _parent = Path.GetDirectoryName(target)!;
        _stem = "." + Shorten(Path.GetFileName(target));
    }

    /// <summary>The lock file.</summary>
    public string Lock => Path.Combine(_parent, _stem + ".lock");

    /// <summary>A new name for the directory while it is filled.</summary>
    public string NewStaging() => Path.Combine(_parent, $"{_stem}{StagingMark}{Guid.NewGuid():N}");

    /// <summary>A new name for what it replaces.</summary>
    public string NewOld() => Path.Combine(_parent, $"{_stem}{OldMark}{Guid.NewGuid():N}");

    /// <summary>Directories that were being filled when a process died.</summary>
    public string[] FindStaging() => Marked(_stem + StagingMark);

    /// <summary>Directories that had been replaced when a process died, or could not be removed.</summary>
    public string[] FindOld() => Marked(_stem + OldMark);

    // Not a search pattern: a name may hold what a pattern reads otherwise, and another import's directory is not ours to clear.
    private string[] Marked(string prefix) =>
    [
        .. Directory.GetDirectories(_parent).Where(path =>
            Path.GetFileName(path) is var found && found.StartsWith(prefix, StringComparison.Ordinal) &&
            Guid.TryParseExact(found.AsSpan(prefix.Length), "N", out _))
    ];

    private static string Shorten(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length <= LongestKept)
        {
            return name;
        }

        var start = new StringBuilder();
        int length = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            length += rune.Utf8SequenceLength;
            if (length > Shortened)
            {
                break;
            }

            start.Append(rune.ToString());
        }

        return $"{start}~{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}";
    }
}
