namespace HuggingFace.Hub.Client;

/// <summary>
/// The commits that branches and tags had when they were last asked for. Without a newline: huggingface_hub reads the file as it is.
/// </summary>
internal static class RefStore
{
    private const int MaxBytes = 256;

    /// <summary>The commit of a revision: itself when it is one, else what the cache remembers; null when it does not.</summary>
    public static string? Read(RepoFolder folder, string revision)
    {
        if (RevisionName.IsCommit(revision))
        {
            return revision;
        }

        string file = folder.Ref(revision);
        try
        {
            if (!File.Exists(file) || new FileInfo(file).Length > MaxBytes)
            {
                return null;
            }

            string commit = File.ReadAllText(file).Trim();
            return RevisionName.IsCommit(commit) ? commit : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Remembers a commit, atomically, and only when it is news. Best effort: a cache that cannot be written still serves.
    /// </summary>
    public static void Write(RepoFolder folder, string revision, string commit, HubSettings settings)
    {
        if (RevisionName.IsCommit(revision))
        {
            return;
        }

        try
        {
            string file = folder.Ref(revision);
            if (File.Exists(file) && File.ReadAllText(file) == commit)
            {
                return;
            }

            // huggingface_hub's scan calls a reference to a commit without a snapshot folder corrupt.
            Directory.CreateDirectory(folder.Snapshot(commit));
            AtomicFile.Write(file, commit, folder.Blobs);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.Ignoring(settings.Logger, folder.Refs, error.Message);
        }
    }
}
