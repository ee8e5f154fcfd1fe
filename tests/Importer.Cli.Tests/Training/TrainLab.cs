using System.Diagnostics;
using System.Globalization;
using CheckpointStorage;
using Importer.Training.Events;
using Tests.Shared;

namespace Importer.Cli.Tests.Training;

/// <summary>A directory with a little text, and a run on it as processes that may be killed: a model of 5,000 parameters, saved every 4 of 28 updates.</summary>
public sealed class TrainLab : IDisposable
{
    public const int Updates = 28;
    public const int Interval = 4;

    /// <summary>What a shell says of a process that kill -9 ended.</summary>
    public const int Killed = 137;

    private readonly TemporaryDirectory _directory = new();
    private readonly Lazy<Task<Reference>> _reference;

    public TrainLab()
    {
        File.WriteAllText(
            _directory["my.txt"], string.Concat(Enumerable.Range(0, 150).Select(i => $"{i} bottles of {(i % 3 == 0 ? "beer" : "wine")} on the wall.\n")));
        _reference = new Lazy<Task<Reference>>(MakeReferenceAsync);
    }

    public string this[string name] => _directory[name];

    /// <summary>The run that nobody interrupted.</summary>
    public Task<Reference> Uninterrupted => _reference.Value;

    /// <summary>The same command however often it is started.</summary>
    public string[] Arguments(string directory, params string[] more) =>
    [
        "train", "--init-from", "auto", "--data", _directory["my.txt"], $"--out_dir={directory}", "--n-layer=2", "--n_head", "2", "--n-embd", "16", "--block_size=16",
        "--batch-size", "2", "--gradient_accumulation_steps=2", "--max_iters", $"{Updates}", "--warmup_iters=2", "--eval_interval=8", "--eval_iters=2", "--dropout=0.1",
        "--device=cpu", "--threads=1", "--learning_rate=1e-2", "--min_lr=1e-3", $"--save_interval={Interval}", .. more,
    ];

    /// <summary>Starts the program.</summary>
    /// <param name="environment">Variables besides this process's.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Process Start(IEnumerable<(string Name, string Value)> environment, params IEnumerable<string> arguments) =>
        StartProgram(CommandLine.Runner.Program, environment, [.. CommandLine.Runner.Arguments, CommandLine.Program, .. arguments]);

    /// <summary>Starts any program.</summary>
    public static Process StartProgram(string program, IEnumerable<(string Name, string Value)> environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment.Remove("IMPORTER_CRASH_AT");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for the end.</summary>
    internal static async Task<Outcome> FinishAsync(Process process)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        string error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return new Outcome(process.ExitCode, await output, error);
    }

    /// <summary>Reads the log until a line; false where it ends before.</summary>
    public static async Task<bool> UntilLineAsync(Process process, Func<string, bool> matches)
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (matches(line))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Runs the command until it is killed at a place, or to its end.</summary>
    internal async Task<Outcome> KilledAtAsync(string place, string directory, params string[] more)
    {
        using var process = Start([("IMPORTER_CRASH_AT", place)], Arguments(directory, more));
        return await FinishAsync(process);
    }

    /// <summary>The same command once more must end as if the run had never been interrupted.</summary>
    public async Task AssertEndsAsUninterruptedAsync(string directory, string what, params string[] more)
    {
        // Not in this process, where other tests draw from torch's generator meanwhile.
        using var process = Start([], Arguments(directory, more));
        var outcome = await FinishAsync(process);
        Assert.True(outcome.Code == ExitCode.Success, $"{what}: {outcome.Error}");
        await AssertIsUninterruptedAsync(directory, what);
    }

    /// <summary>Weights, moments, metrics, what is kept and which is best are those of the uninterrupted run, and nothing is left over.</summary>
    public async Task AssertIsUninterruptedAsync(string directory, string what)
    {
        var reference = await Uninterrupted;
        var found = Look(directory);
        Assert.True(reference.Bits == found.Bits, $"{what}: other weights or moments");
        Assert.True(reference.Kept == found.Kept, $"{what}: kept {found.Kept} instead of {reference.Kept}");
        var differences = MetricsComparer.Compare(reference.Metrics, found.Metrics);
        Assert.True(differences.Count == 0, $"{what}: {string.Join("; ", differences)}");
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory, ".t*").Select(path => $"{what}: {path}"));
    }

    /// <summary>The hashes of weights and moments.</summary>
    public static string BitsOf(CheckpointInfo checkpoint) =>
        string.Join(' ', new[] { "model.safetensors", "optimizer.safetensors" }.Select(name => checkpoint.Files.First(file => file.Name == name).Sha256));

    /// <summary>Copies a run's directory.</summary>
    public string Copy(string from, string name)
    {
        string to = _directory[name];
        foreach (string file in Directory.EnumerateFiles(from, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return to;
    }

    public void Dispose() => _directory.Dispose();

    private async Task<Reference> MakeReferenceAsync()
    {
        var watch = Stopwatch.StartNew();
        using var process = Start([], Arguments(_directory["uninterrupted"]));
        var outcome = await FinishAsync(process);
        Assert.True(outcome.Code == ExitCode.Success, outcome.Error);
        return Look(_directory["uninterrupted"]) with { Duration = watch.Elapsed };
    }

    private static Reference Look(string directory)
    {
        using var store = CheckpointStore.OpenRead(directory);
        var all = store.List();
        string kept = string.Join(", ", all.Select(info => string.Create(CultureInfo.InvariantCulture, $"{info.Step}:{info.Metric:R}")))
            + string.Create(CultureInfo.InvariantCulture, $", best {store.Resolve("best").Step}");
        return new Reference(BitsOf(all[0]), kept, MetricsFile.Read(directory), TimeSpan.Zero);
    }

    /// <summary>What came of a run.</summary>
    /// <param name="Bits">The hashes of weights and moments.</param>
    /// <param name="Kept">Steps and losses of the checkpoints that are kept.</param>
    /// <param name="Metrics">Its metrics.</param>
    /// <param name="Duration">How long the process took.</param>
    public sealed record Reference(string Bits, string Kept, IReadOnlyList<MetricsEntry> Metrics, TimeSpan Duration);
}
