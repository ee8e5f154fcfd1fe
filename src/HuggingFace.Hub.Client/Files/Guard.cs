namespace HuggingFace.Hub.Client;

/// <summary>Turns what the file system throws into this library's exceptions, at the border to the caller.</summary>
internal static class Guard
{
    public static async Task<T> RunAsync<T>(HubSettings settings, Func<Task<T>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (IOException error) when (DiskSpace.IsFull(error))
        {
            throw new HubDiskSpaceException(settings.CacheDirectory, 0, settings.Seams.AvailableSpace(settings.CacheDirectory), error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string file = (error as FileNotFoundException)?.FileName ?? settings.CacheDirectory;
            throw new HubCacheException(file, error.Message.TrimEnd('.'), error);
        }
    }
}
