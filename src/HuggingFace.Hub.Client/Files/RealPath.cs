namespace HuggingFace.Hub.Client;

/// <summary>Resolves the links in every part of a path, as realpath(3) does.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>The path without links; null when it leads in circles.</summary>
    public static string? Of(string path)
    {
        string full = Path.GetFullPath(path);
        string root = Path.GetPathRoot(full)!;
        var parts = new Stack<string>(Split(full[root.Length..]).Reverse());
        string result = root;
        for (int links = 0; parts.Count > 0;)
        {
            string next = Path.Combine(result, parts.Pop());
            string? target = new FileInfo(next).LinkTarget;
            if (target is null)
            {
                result = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                return null;
            }

            string resolved = Path.GetFullPath(target, result);
            result = Path.GetPathRoot(resolved)!;
            foreach (string part in Split(resolved[result.Length..]).Reverse())
            {
                parts.Push(part);
            }
        }

        return result;
    }

    private static string[] Split(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
}
