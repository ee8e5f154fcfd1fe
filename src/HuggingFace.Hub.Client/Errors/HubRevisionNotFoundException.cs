namespace HuggingFace.Hub.Client;

/// <summary>The repository exists, but not the branch, tag or commit.</summary>
public sealed class HubRevisionNotFoundException : HubException
{
    internal HubRevisionNotFoundException(HubErrorContext context)
        : base(
            HubErrorCategory.NotFoundOrNotPermitted,
            $"{Capital(context.Repo)} has no revision '{Redaction.Escape(context.Revision ?? "")}'.",
            "Check the name of the branch, tag or commit on the repository's page.",
            context)
    {
    }

    private static string Capital(RepoId? repo) => repo is null ? "The repository" : $"The repository {repo}";
}
