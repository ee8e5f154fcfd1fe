namespace HuggingFace.Hub.Client;

/// <summary>What a download would do with one file.</summary>
/// <param name="Path">Its path in the repository.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="LocalPath">Where it would be.</param>
/// <param name="IsCached">Whether its content is on this machine.</param>
/// <param name="WillDownload">Whether it would be downloaded.</param>
/// <param name="BytesToDownload">How many bytes would be downloaded; less than the size when an interrupted download is resumed.</param>
public sealed record HubPlannedFile(string Path, long Size, string LocalPath, bool IsCached, bool WillDownload, long BytesToDownload);
