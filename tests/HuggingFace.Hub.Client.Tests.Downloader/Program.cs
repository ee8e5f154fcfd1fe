using System.Globalization;
using HuggingFace.Hub.Client;

// Downloads one file or a whole repository, set up by environment variables, and prints one line: "ok PATH" or "error TYPE MESSAGE".
// The hub's own variables (HF_ENDPOINT, HF_HUB_CACHE …) mean what they always do; those of the tests begin with TEST_.
static string? Read(string name) => Environment.GetEnvironmentVariable(name);
static int Number(string name, int fallback) => Read(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;

var options = new HubClientOptions
{
    BlockSize = Number("TEST_BLOCK", 64 * 1024),
    ParallelThreshold = Number("TEST_THRESHOLD", 64 * 1024),
    MaxParallelRanges = Number("TEST_WORKERS", 4),
    RetryDelay = TimeSpan.FromMilliseconds(5),
    Seams = new HubTestSeams { LocksWork = Read("TEST_NO_LOCKS") is null },
};
try
{
    using var hub = new HubClient(options);
    if (Read("TEST_FILE") is { } file)
    {
        HubFile result = await hub.DownloadFileAsync(Read("TEST_REPO")!, file, new HubFileOptions { Revision = Read("TEST_REVISION") });
        Console.WriteLine($"ok {result.LocalPath}");
    }
    else
    {
        HubSnapshot result = await hub.DownloadSnapshotAsync(
            Read("TEST_REPO")!, new HubSnapshotOptions { Revision = Read("TEST_REVISION") });
        Console.WriteLine($"ok {result.Directory}");
    }

    if (Read("TEST_REPORT_MEMORY") is not null)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Console.WriteLine($"peak {process.PeakWorkingSet64}");
    }

    return 0;
}
catch (HubException error)
{
    Console.WriteLine($"error {error.GetType().Name} {error.Message}");
    return 1;
}
