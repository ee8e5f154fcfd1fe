namespace HuggingFace.Hub.Client.Tests;

/// <summary>A fake hub with gpt2's repository in small, an empty cache, and clients for them.</summary>
public abstract class HubTest : IAsyncLifetime
{
    public const string Gpt2 = "openai-community/gpt2";
    private readonly List<HubClient> _clients = [];

    protected string Root { get; } = Directory.CreateTempSubdirectory("hub-test-").FullName;

    protected string CacheDirectory => Path.Combine(Root, "hub");

    protected FakeHubServer Server { get; private set; } = null!;

    protected FakeRepo Repo { get; private set; } = null!;

    /// <summary>665 bytes, as gpt2's.</summary>
    protected FakeFile Config { get; } = FakeFile.Text(
        "config.json", "{\"model_type\": \"gpt2\", \"pad\": \"" + new string('x', 632) + "\"}");

    protected FakeFile Weights { get; } = FakeFile.Lfs("model.safetensors", 1024 * 1024);

    protected string C1 { get; private set; } = "";

    protected ListLogger Log { get; } = new();

    protected string RepoCache => Path.Combine(CacheDirectory, "models--openai-community--gpt2");

    public virtual async Task InitializeAsync()
    {
        Server = await FakeHubServer.StartAsync();
        Repo = Server.Add(Gpt2, Config, Weights);
        C1 = Repo.Refs["main"];
    }

    public virtual async Task DisposeAsync()
    {
        foreach (HubClient client in _clients)
        {
            client.Dispose();
        }

        await Server.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    private protected HubClient Client(Action<TestSetup>? change = null)
    {
        var setup = new TestSetup { Endpoint = Server.HubUrl, CacheDirectory = CacheDirectory, UserAgent = $"client/{_clients.Count}" };
        setup.Variables["HOME"] = Root;
        change?.Invoke(setup);
        var client = new HubClient(setup.Build(Log));
        _clients.Add(client);
        return client;
    }

    protected string Blob(FakeFile file) => Path.Combine(RepoCache, "blobs", file.ETag);

    protected string Link(FakeFile file, string? commit = null) => Path.Combine(RepoCache, "snapshots", commit ?? C1, file.Path);

    protected string[] Blobs() =>
        Directory.Exists(Path.Combine(RepoCache, "blobs"))
            ? [.. Directory.GetFiles(Path.Combine(RepoCache, "blobs")).Select(Path.GetFileName).Order()!] : [];

    protected string[] Leftovers() => [.. Blobs().Where(name => name.Contains('.', StringComparison.Ordinal))];

    /// <summary>The variables of a client in another process.</summary>
    protected Dictionary<string, string> ProcessVariables(string? file = null) => new()
    {
        ["HF_ENDPOINT"] = Server.HubUrl.AbsoluteUri,
        ["HF_HUB_CACHE"] = CacheDirectory,
        ["HF_HOME"] = Path.Combine(Root, "home"),
        ["TEST_REPO"] = Gpt2,
        ["TEST_FILE"] = file ?? Weights.Path,
    };
}
