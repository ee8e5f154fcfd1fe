using System.Diagnostics;
using HuggingFace.Hub.FakeHub;
using Tests.Shared;

namespace Importer.Cli.Tests.Hub;

/// <summary>A fake hub and command lines that talk to it.</summary>
public abstract class HubCommandTest : IAsyncLifetime
{
    protected const string Gpt2 = "openai-community/gpt2";

    private protected TemporaryDirectory Directory { get; } = new();

    protected FakeHubServer Server { get; private set; } = null!;

    protected string Cache => Directory["hub"];

    public async Task InitializeAsync() => Server = await FakeHubServer.StartAsync();

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Dispose();
    }

    protected static FakeFile[] Files(string directory) =>
    [
        .. System.IO.Directory.GetFiles(directory).Select(path =>
            new FakeFile(Path.GetFileName(path), File.ReadAllBytes(path), path.EndsWith(".safetensors", StringComparison.Ordinal))),
    ];

    protected FakeRepo ServeTiny(string id = Gpt2) => Server.Add(id, Files(Repository.Fixture("tiny-gpt2")));

    private protected Task<Outcome> Run(params string[] args) => Run(CancellationToken.None, args);

    private protected Task<Outcome> Run(CancellationToken cancellationToken, params string[] args) =>
        CommandLine.RunAsync(cancellationToken, [.. args, "--endpoint", Server.HubUrl.AbsoluteUri, "--cache-dir", Cache]);

    private protected Task<Outcome> Import(string id = Gpt2, params string[] more) => Run([id, "--out", Directory["weights"], .. more]);

    /// <summary>The same in a process of its own.</summary>
    protected Process Start(params string[] args) => CommandLine.Start([.. args, "--endpoint", Server.HubUrl.AbsoluteUri, "--cache-dir", Cache]);
}
