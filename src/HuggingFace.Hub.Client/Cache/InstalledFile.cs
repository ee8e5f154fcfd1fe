namespace HuggingFace.Hub.Client;

/// <summary>A file that is now where it was wanted.</summary>
internal readonly record struct InstalledFile(string LocalPath, long Size, bool WasDownloaded);
