using System.Buffers;
using System.Text;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Decides whether a name that a server, a listing, an index or a caller gave may become a path below a directory. The rules hold
/// on every system, so that a cache written on Linux is safe to copy to Windows; those of Windows' own file systems come on top there.
/// </summary>
internal static class RepoPath
{
    private const int MaxLength = 4096;
    private static readonly SearchValues<char> WindowsForbidden = SearchValues.Create("<>:\"|?*");
    private const string Advice = "Ask the owner of the repository to rename the file, or leave it out with an ignore pattern.";

    /// <summary>Throws unless the name is a plain relative path.</summary>
    /// <exception cref="HubPathException">The name is refused.</exception>
    public static void Check(string path, PathRules rules, string source, bool fromServer = true)
    {
        if (FindFault(path, rules) is { } fault)
        {
            throw new HubPathException(path, source, fault, fromServer ? Advice : "Give the file's path as the hub lists it.", fromServer);
        }
    }

    /// <summary>Throws when two names would be the same file here.</summary>
    /// <exception cref="HubPathException">Two names collide.</exception>
    public static void CheckCollisions(IEnumerable<string> paths, PathRules rules, string source)
    {
        if (!rules.IgnoresCase)
        {
            return;
        }

        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string path in paths)
        {
            if (!seen.TryAdd(path.Normalize(NormalizationForm.FormC), path))
            {
                string other = seen[path.Normalize(NormalizationForm.FormC)];
                throw new HubPathException(
                    path,
                    source,
                    $"on this file system it is the same file as '{Redaction.Escape(other)}', which the repository holds too",
                    "Leave one of the two out with an ignore pattern.",
                    fromServer: true);
            }
        }
    }

    /// <summary>Throws when a file would have to be a directory too; git cannot hold such a pair, so only a hostile listing does.</summary>
    /// <exception cref="HubPathException">One file lies below another.</exception>
    public static void CheckNesting(IReadOnlyDictionary<string, RepoFile> files, string source)
    {
        foreach (string path in files.Keys)
        {
            for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
            {
                if (files.ContainsKey(path[..slash]))
                {
                    throw new HubPathException(
                        path, source, $"'{Redaction.Escape(path[..slash])}' is a file there too", Advice, fromServer: true);
                }
            }
        }
    }

    /// <summary>Why the name is refused, or null when it is fine.</summary>
    public static string? FindFault(string path, PathRules rules)
    {
        if (path.Length is 0 or > MaxLength)
        {
            return path.Length == 0 ? "it is empty" : $"it is longer than {MaxLength} characters";
        }

        for (int i = 0; i < path.Length; i++)
        {
            // Those of Unicode's second block too: U+009B begins an escape sequence on some terminals.
            if (char.IsControl(path[i]))
            {
                return $"it holds the control character U+{(int)path[i]:X4}";
            }

            if (path[i] == '\\')
            {
                return "it holds a backslash, which is a separator on Windows";
            }
        }

        if (HasLoneSurrogate(path))
        {
            return "it is no valid Unicode";
        }

        foreach (string segment in path.Split('/'))
        {
            if (FindSegmentFault(segment, rules) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? FindSegmentFault(string segment, PathRules rules)
    {
        if (segment.Length == 0)
        {
            return "it is absolute or has an empty part";
        }

        if (segment is "." or "..")
        {
            return $"it has a '{segment}' part";
        }

        if (segment.Length >= 2 && char.IsAsciiLetter(segment[0]) && segment[1] == ':')
        {
            return "a part begins with a drive letter";
        }

        return rules.WindowsNames ? FindWindowsFault(segment) : null;
    }

    private static string? FindWindowsFault(string segment)
    {
        if (segment[^1] is '.' or ' ')
        {
            return "a part ends with a dot or a space, which Windows drops";
        }

        if (segment.AsSpan().IndexOfAny(WindowsForbidden) is >= 0 and int at)
        {
            return segment[at] == ':' ? "a ':' names an alternate data stream on Windows"
                : $"Windows does not allow '{segment[at]}' in names";
        }

        return IsWindowsDevice(segment) ? "a part is the name of a Windows device" : null;
    }

    private static bool IsWindowsDevice(string segment)
    {
        // CON, con.txt and "CON .txt" are all the console.
        int dot = segment.IndexOf('.', StringComparison.Ordinal);
        string stem = (dot < 0 ? segment : segment[..dot]).TrimEnd(' ').ToUpperInvariant();
        if (stem is "CON" or "PRN" or "AUX" or "NUL" or "CONIN$" or "CONOUT$")
        {
            return true;
        }

        // The superscripts count as digits there: COM¹ is a port.
        return stem.Length == 4
            && (stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal))
            && (char.IsAsciiDigit(stem[3]) || stem[3] is '\u00b9' or '\u00b2' or '\u00b3');
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return true;
            }
        }

        return false;
    }
}
