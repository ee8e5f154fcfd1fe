namespace HuggingFace.Hub.Client;

/// <summary>
/// Downloads from the Hugging Face hub into the cache that Python's tools share. Every file is verified before it appears; interrupted
/// downloads go on where they stopped, also in another process. One client serves any number of calls at once and should live as long as
/// the program.
/// </summary>
/// <example><code>
/// using var hub = new HubClient();
/// HubModelFiles model = await hub.DownloadModelAsync("openai-community/gpt2");
/// Console.WriteLine(model.Weights[0]);
/// </code></example>
public sealed class HubClient : IDisposable
{
    private readonly HubServices _services;

    /// <summary>A client with the given options.</summary>
    /// <param name="options">The options. Default: everything from the environment of the process.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="HubConfigurationException">A variable or a file that it names cannot be used.</exception>
    public HubClient(HubClientOptions? options = null)
    {
        _services = new HubServices(options ?? new HubClientOptions());
        Cache = new HubCache(_services.Layout, _services.Settings);
    }

    /// <summary>The cache that this client uses.</summary>
    public HubCache Cache { get; }

    /// <summary>The address of the hub.</summary>
    public Uri Endpoint => _services.Settings.Endpoint;

    /// <summary>Finds out which commit a revision is now.</summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="revision">A branch, tag or commit. Default: <c>main</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The commit, 40 hexadecimal digits.</returns>
    /// <exception cref="HubException">The hub refused or could not be asked.</exception>
    public Task<string> ResolveRevisionAsync(RepoId repo, string? revision = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repo);
        string name = RevisionName.Check(revision, _services.Settings.Seams.Rules);
        return RevisionName.IsCommit(name)
            ? Task.FromResult(name)
            : Guard.RunAsync(
                _services.Settings,
                async () => await _services.Retry.RunAsync(
                    async token => await _services.Listings.ResolveAsync(repo, name, token).ConfigureAwait(false), cancellationToken)
                        .ConfigureAwait(false));
    }

    /// <summary>
    /// Lists all files of a repository at a revision; writes nothing. From the cache when it knows, and the hub cannot be asked.
    /// </summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="revision">A branch, tag or commit. Default: <c>main</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The commit and its files, with sizes and hashes.</returns>
    /// <exception cref="HubException">The hub refused or could not be asked.</exception>
    public Task<RepoListing> ListFilesAsync(RepoId repo, string? revision = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repo);
        string name = RevisionName.Check(revision, _services.Settings.Seams.Rules);
        return Guard.RunAsync(
            _services.Settings,
            () => new RevisionResolver(_services).ListAsync(repo, name, cancellationToken));
    }

    /// <summary>
    /// Makes one file of a repository be on this machine: from the cache when it is current, else downloaded and verified.
    /// </summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="path">The file's path in the repository.</param>
    /// <param name="options">Revision, target and the like. Default: <c>main</c>, into the cache.</param>
    /// <param name="progress">Who is told of the progress.</param>
    /// <param name="cancellationToken">Stops it; what has arrived is kept for the next call.</param>
    /// <returns>Where the file is.</returns>
    /// <exception cref="HubException">The file cannot be had.</exception>
    /// <exception cref="ArgumentException">The revision is no possible one, or a download is forced offline.</exception>
    public Task<HubFile> DownloadFileAsync(
        RepoId repo, string path, HubFileOptions? options = null, IProgress<HubProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repo);
        ArgumentNullException.ThrowIfNull(path);
        var download = new FileDownload(_services, repo, path, options ?? new HubFileOptions());
        return Guard.RunAsync(_services.Settings, () => download.RunAsync(progress, cancellationToken), options?.LocalDirectory);
    }

    /// <summary>Makes a repository's files, or those that patterns select, be on this machine, all from one commit.</summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="options">Revision, patterns, target and the like. Default: all of <c>main</c>, into the cache.</param>
    /// <param name="progress">Who is told of the progress.</param>
    /// <param name="cancellationToken">Stops it; what has arrived is kept for the next call.</param>
    /// <returns>Where the files are.</returns>
    /// <exception cref="HubException">The files cannot be had.</exception>
    /// <exception cref="ArgumentException">The revision is no possible one, or a download is forced offline.</exception>
    public Task<HubSnapshot> DownloadSnapshotAsync(
        RepoId repo, HubSnapshotOptions? options = null, IProgress<HubProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        SnapshotDownload download = Snapshot(repo, options);
        return Guard.RunAsync(_services.Settings, () => download.RunAsync(progress, cancellationToken), options?.LocalDirectory);
    }

    /// <summary>What <see cref="DownloadSnapshotAsync"/> would do; writes nothing.</summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="options">As for the download.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The files with sizes, what is there and what would be downloaded.</returns>
    /// <exception cref="HubException">The hub refused or could not be asked.</exception>
    public Task<HubDownloadPlan> PlanSnapshotAsync(
        RepoId repo, HubSnapshotOptions? options = null, CancellationToken cancellationToken = default)
    {
        SnapshotDownload download = Snapshot(repo, options);
        return Guard.RunAsync(_services.Settings, () => download.PlanAsync(cancellationToken));
    }

    /// <summary>
    /// Makes the files that a model needs be on this machine: config, weights (safetensors first, whole or in shards), tokenizer; nothing
    /// of the other frameworks' copies.
    /// </summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="options">Revision, variant, format, target and the like. Default: <c>main</c>, into the cache.</param>
    /// <param name="progress">Who is told of the progress.</param>
    /// <param name="cancellationToken">Stops it; what has arrived is kept for the next call.</param>
    /// <returns>Where each of the model's files is.</returns>
    /// <exception cref="HubEntryNotFoundException">The repository lacks files that a model needs.</exception>
    /// <exception cref="HubException">The files cannot be had.</exception>
    /// <exception cref="ArgumentException">The revision is no possible one, or a download is forced offline.</exception>
    public Task<HubModelFiles> DownloadModelAsync(
        RepoId repo, HubModelOptions? options = null, IProgress<HubProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        (ModelSelector selector, SnapshotDownload download) = Model(repo, options);
        return Guard.RunAsync(
            _services.Settings,
            async () => new HubModelFiles(await download.RunAsync(progress, cancellationToken).ConfigureAwait(false), selector.Choice!),
            options?.LocalDirectory);
    }

    /// <summary>What <see cref="DownloadModelAsync"/> would do; writes nothing.</summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="options">As for the download.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The files with sizes, what is there and what would be downloaded.</returns>
    /// <exception cref="HubException">The hub refused or could not be asked.</exception>
    public Task<HubDownloadPlan> PlanModelAsync(RepoId repo, HubModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        (_, SnapshotDownload download) = Model(repo, options);
        return Guard.RunAsync(_services.Settings, () => download.PlanAsync(cancellationToken));
    }

    /// <summary>
    /// Opens a file where it is, to read pieces of it without downloading it: a header, say. Reads from the cache when it is there.
    /// </summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="path">The file's path in the repository.</param>
    /// <param name="revision">A branch, tag or commit; pinned for as long as the file is open. Default: <c>main</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The file; to be disposed.</returns>
    /// <exception cref="HubException">The hub refused or could not be asked.</exception>
    public Task<HubRemoteFile> OpenFileAsync(
        RepoId repo, string path, string? revision = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repo);
        ArgumentNullException.ThrowIfNull(path);
        string name = RevisionName.Check(revision, _services.Settings.Seams.Rules);
        return Guard.RunAsync(_services.Settings, () => RemoteFileOpener.OpenAsync(_services, repo, path, name, cancellationToken));
    }

    /// <summary>Closes the client's connections.</summary>
    public void Dispose() => _services.Dispose();

    private SnapshotDownload Snapshot(RepoId repo, HubSnapshotOptions? options)
    {
        ArgumentNullException.ThrowIfNull(repo);
        HubSnapshotOptions chosen = options ?? new HubSnapshotOptions();
        return new SnapshotDownload(_services, repo, new PatternSelector(chosen.AllowPatterns, chosen.IgnorePatterns), chosen);
    }

    private (ModelSelector Selector, SnapshotDownload Download) Model(RepoId repo, HubModelOptions? options)
    {
        ArgumentNullException.ThrowIfNull(repo);
        HubModelOptions chosen = options ?? new HubModelOptions();
        if (!Enum.IsDefined(chosen.Weights))
        {
            throw new ArgumentOutOfRangeException(nameof(options), chosen.Weights, "Unknown format of weights.");
        }

        var selector = new ModelSelector(chosen, _services.Settings.Seams.Rules);
        return (selector, new SnapshotDownload(_services, repo, selector, chosen));
    }
}
