using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CheckpointStorage;
using Importer.Training.Checkpoints;
using Tests.Shared;

namespace Importer.Training.Tests.Run;

/// <summary>A directory with a little text, and runs on it that take milliseconds.</summary>
internal sealed class Lab : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public Lab() => File.WriteAllText(Text, Story(220));

    public string Text => _directory["story.txt"];

    public string Out => _directory["out"];

    public string this[string name] => _directory[name];

    public List<RunMessage> Messages { get; } = [];

    /// <summary>A model of 5,000 parameters, 12 updates, evaluated and saved every 4.</summary>
    public TrainingOptions Options => new()
    {
        Data = Text,
        OutDir = Out,
        Device = "cpu",
        Threads = 1,
        NLayer = 2,
        NHead = 2,
        NEmbd = 16,
        BlockSize = 16,
        Dropout = 0.1,
        BatchSize = 4,
        GradientAccumulationSteps = 2,
        MaxIters = 12,
        WarmupIters = 2,
        LearningRate = 1e-2,
        MinLr = 1e-3,
        EvalInterval = 4,
        EvalIters = 2,
        KeepLast = null,
    };

    /// <summary>A text with something to learn in it.</summary>
    public static string Story(int lines)
    {
        var text = new StringBuilder();
        for (int i = 0; i < lines; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i} bottles of {(i % 3 == 0 ? "beer" : "wine")} on the wall, take one down.\n");
        }

        return text.ToString();
    }

    /// <summary>Runs to the end, or to what ends it.</summary>
    public async Task<TrainingRunResult> RunAsync(TrainingOptions options, params ITrainingObserver[] observers) =>
        await RunAsync(options, new TrainingRunOptions { Observers = observers, Log = new Listener(Messages) });

    public static async Task<TrainingRunResult> RunAsync(TrainingOptions options, TrainingRunOptions run, CancellationToken cancellationToken = default)
    {
        await using var training = await TrainingRun.FromOptionsAsync(options, run, cancellationToken);
        return await training.RunAsync(cancellationToken);
    }

    /// <summary>Runs until so many updates are made, as if somebody pressed Ctrl-C then.</summary>
    public async Task<TrainingRunResult> RunUntilAsync(TrainingOptions options, long steps, params ITrainingObserver[] observers)
    {
        using var cancellation = new CancellationTokenSource();
        return await RunAsync(
            options, new TrainingRunOptions { Observers = [.. observers, new At(steps, cancellation.Cancel)], Log = new Listener(Messages) }, cancellation.Token);
    }

    public TrainingRunOptions Logged(params ITrainingObserver[] observers) => new() { Observers = observers, Log = new Listener(Messages) };

    /// <summary>Checkpoints, the oldest first.</summary>
    public IReadOnlyList<CheckpointInfo> Checkpoints(string? directory = null)
    {
        using var store = CheckpointStore.OpenRead(directory ?? Out);
        return [.. store.List().Reverse()];
    }

    public long[] Steps(string? directory = null) => [.. Checkpoints(directory).Select(checkpoint => checkpoint.Step)];

    /// <summary>Every bit of a checkpoint's weights and moments.</summary>
    public static string Bits(CheckpointInfo checkpoint) =>
        string.Join(' ', new[] { CheckpointNames.Model, CheckpointNames.Optimizer }.Select(name => checkpoint.Files.First(file => file.Name == name).Sha256));

    public static TrainerRecord Record(CheckpointInfo checkpoint) =>
        TrainerRecord.Parse(File.ReadAllBytes(checkpoint.GetPath(CheckpointNames.Trainer)), checkpoint.Id);

    /// <summary>The names and contents of everything in a directory.</summary>
    public static string Tree(string directory) => string.Join('\n', Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Order(StringComparer.Ordinal).Select(path => $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"));

    /// <summary>Changes a byte in the middle of a file.</summary>
    public static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>Does something when an update was made.</summary>
    internal sealed class At(long step, Action action) : ITrainingObserver
    {
        public void StepCompleted(Trainer trainer, StepResult result)
        {
            if (result.Step == step)
            {
                action();
            }
        }
    }

    /// <summary>Does something after every update.</summary>
    internal sealed class Each(Action<long> action) : ITrainingObserver
    {
        public void StepCompleted(Trainer trainer, StepResult result) => action(result.Step);
    }

    private sealed class Listener(List<RunMessage> messages) : IProgress<RunMessage>
    {
        public void Report(RunMessage value) => messages.Add(value);
    }
}
