namespace HuggingFace.Hub.Client;

/// <summary>The repository exists at that revision, but the file, or one of several files, is not in it.</summary>
public sealed class HubEntryNotFoundException : HubException
{
    internal HubEntryNotFoundException(HubErrorContext context, string? commit)
        : this(context, commit, [context.Path ?? ""], $"There is no file {context.Subject}.",
            "Check the file's name against the repository's file list.")
    {
    }

    internal HubEntryNotFoundException(HubErrorContext context, string? commit, IReadOnlyList<string> paths, string problem, string remedy)
        : base(HubErrorCategory.NotFoundOrNotPermitted, problem, remedy, context)
    {
        Commit = commit;
        Paths = paths;
    }

    /// <summary>The commit that lacks the file, 40 hexadecimal digits, where it is known.</summary>
    public string? Commit { get; }

    /// <summary>All the names that were looked for and are missing.</summary>
    public IReadOnlyList<string> Paths { get; }
}
