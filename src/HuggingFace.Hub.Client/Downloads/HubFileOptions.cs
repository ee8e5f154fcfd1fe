namespace HuggingFace.Hub.Client;

/// <summary>Options for the download of one file.</summary>
public sealed class HubFileOptions : HubDownloadOptions;
