namespace HuggingFace.Hub.Client;

/// <summary>
/// Remembers that a commit lacks a file (empty files under <c>.no_exist</c>), so that optional files cost no request offline.
/// </summary>
internal static class NoExistStore
{
    public static bool Contains(RepoFolder folder, string commit, string path) => File.Exists(folder.NoExistMarker(commit, path));

    /// <summary>Best effort.</summary>
    public static void Add(RepoFolder folder, string commit, string path, HubSettings settings)
    {
        string marker = folder.NoExistMarker(commit, path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(marker)!);
            File.Open(marker, FileMode.OpenOrCreate).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.Ignoring(settings.Logger, marker, error.Message);
        }
    }
}
