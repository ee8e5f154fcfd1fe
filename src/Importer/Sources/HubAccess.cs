using HuggingFace.Hub.Client;

namespace Importer.Sources;

/// <summary>How a model that is named by its id is fetched from the hub. A directory needs none of it.</summary>
public sealed class HubAccess
{
    /// <summary>
    /// The client to fetch with; it is not disposed. <value>The default, null, is a client of the moment with the environment's
    /// settings: HF_HOME, HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE and the rest.</value>
    /// </summary>
    public HubClient? Client { get; init; }

    /// <summary>
    /// Which branch, tag or commit, which variant, which files. <value>The default, null, is the main branch and what a model
    /// needs.</value>
    /// </summary>
    public HubModelOptions? Model { get; init; }

    /// <summary>Told of every file's progress. <value>The default is null.</value></summary>
    public IProgress<HubProgress>? Progress { get; init; }
}
