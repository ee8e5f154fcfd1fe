namespace HuggingFace.Hub.Client;

/// <summary>Rules for branch names, tags and commits, which become URL parts and paths under <c>refs/</c>.</summary>
internal static class RevisionName
{
    public const string Default = "main";
    private const int CommitLength = 40;

    /// <summary>Whether the text is a full commit id: exactly 40 lower-case hexadecimal digits.</summary>
    public static bool IsCommit(string? text) =>
        text is { Length: CommitLength } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Checks a revision that the caller gave and returns it, the default branch for null.</summary>
    /// <exception cref="ArgumentException">The name can be no revision.</exception>
    public static string Check(string? revision, PathRules rules)
    {
        if (revision is null)
        {
            return Default;
        }

        string? fault = revision.Length > 255 ? "it is longer than 255 characters" : RepoPath.FindFault(revision, rules);
        return fault is null
            ? revision
            : throw new ArgumentException(
                $"'{Redaction.Escape(revision)}' is no revision: {fault}. Use a branch, a tag or a commit id.",
                nameof(revision));
    }
}
