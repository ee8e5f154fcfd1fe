using SharedSource.IO;

namespace HuggingFace.Hub.Client;

/// <summary>Turns what the file system throws into this library's exceptions, at the border to the caller.</summary>
internal static class Guard
{
    /// <param name="settings">The settings.</param>
    /// <param name="action">What to do.</param>
    /// <param name="directory">Where it writes; the cache when null.</param>
    public static async Task<T> RunAsync<T>(HubSettings settings, Func<Task<T>> action, string? directory = null)
    {
        string place = directory ?? settings.CacheDirectory;
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (IOException error) when (FreeSpace.IsExhausted(error))
        {
            throw new HubDiskSpaceException(place, 0, settings.Seams.AvailableSpace(place), error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string file = (error as FileNotFoundException)?.FileName ?? place;
            throw new HubCacheException(file, error.Message.TrimEnd('.'), error);
        }
    }
}
