namespace HuggingFace.Hub.Client;

/// <summary>The cached snapshot lacks files that were asked for, and the hub cannot be asked for them.</summary>
public sealed class HubIncompleteSnapshotException : HubException
{
    internal HubIncompleteSnapshotException(HubErrorContext context, string directory, IReadOnlyList<string> missing, Exception? inner)
        : base(HubErrorCategory.Network, Describe(context, directory, missing), "Download the repository again while online.", context,
            inner)
    {
        Missing = missing;
    }

    /// <summary>The files that are missing or have the wrong size, as paths in the repository.</summary>
    public IReadOnlyList<string> Missing { get; }

    private static string Describe(HubErrorContext context, string directory, IReadOnlyList<string> missing)
    {
        string names = string.Join(", ", missing.Take(10).Select(name => $"'{Redaction.Escape(name)}'"));
        string more = missing.Count > 10 ? $" and {missing.Count - 10} more" : "";
        return $"The snapshot of {context.Subject} under {directory} is incomplete and the hub cannot be asked: {names}{more} missing.";
    }
}
