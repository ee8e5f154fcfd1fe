namespace HuggingFace.Hub.Client;

/// <summary>Refuses a download that the disk cannot hold, before its first byte.</summary>
internal static class SpaceCheck
{
    /// <exception cref="HubDiskSpaceException">There is too little room.</exception>
    public static void Require(string directory, long bytes, HubSettings settings)
    {
        if (bytes > 0 && settings.Seams.AvailableSpace(directory) is { } available && available < bytes)
        {
            throw new HubDiskSpaceException(directory, bytes, available);
        }
    }
}
