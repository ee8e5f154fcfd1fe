using CheckpointStorage;
using Importer.Training.Events;
using Tests.Shared;

namespace Importer.Cli.Tests.Training;

/// <summary>
/// nanoGPT's train.py on two processes (torchrun's environment, gloo, on the CPU, torch 1.13, OMP_NUM_THREADS=1): what it prints, to nine digits,
/// and what train prints with nanogpt_compat. Only rank 0 evaluates there, each rank draws from 1337 and its number, and each makes half
/// of the micro-steps, whose gradients DDP averages.
/// </summary>
/// <remarks>train.py as it is, but for: the device of a rank is cpu, DDP has no device_ids and broadcast_buffers=False, and it prints more.</remarks>
public sealed class TrainGroupNanoGptTests : IDisposable
{
    // Learning rate, loss of rank 0's last micro-step, norm of the averaged gradients; of updates 1 to 7.
    private static readonly (double Rate, double Loss, double Norm)[] Updates =
    [
        (0.00333333333, 4.17729425, 0.652992547),
        (0.00666666667, 4.15200949, 0.647650361),
        (0.01, 4.12101364, 0.589742184),
        (0.00868198052, 4.16158628, 0.611839056),
        (0.0055, 4.15664577, 0.60831213),
        (0.00231801948, 4.23478746, 0.617452681),
        (0.001, 4.22206974, 0.667866409),
    ];

    // train and val, before updates 1, 4 and 7.
    private static readonly (double Train, double Val)[] Evaluations =
    [
        (4.18353605, 4.17954636),
        (4.16766071, 4.16285515),
        (4.16950512, 4.20561218),
    ];

    private readonly TemporaryDirectory _directory = new();

    public TrainGroupNanoGptTests()
    {
        Directory.CreateDirectory(_directory["data"]);
        File.WriteAllBytes(_directory["data/train.bin"], Tokens(2000, 1));
        File.WriteAllBytes(_directory["data/val.bin"], Tokens(500, 2));
    }

    [Fact]
    public async Task Two_processes_print_what_nanoGPTs_two_print_also_where_they_were_stopped_between()
    {
        await RunAsync("whole");
        var entries = MetricsFile.Read(_directory["whole"]);
        var steps = entries.OfType<StepMetrics>().ToList();
        Assert.Equal(Updates.Length, steps.Count);
        foreach (var (expected, found) in Updates.Zip(steps))
        {
            AssertNear(expected.Rate, found.LearningRate, 1e-8, $"learning rate of update {found.Step}");
            AssertNear(expected.Loss, found.Loss, 1e-5, $"loss of update {found.Step}");
            AssertNear(expected.Norm, found.GradientNorm, 1e-4, $"gradient norm of update {found.Step}");
        }

        var evaluations = entries.OfType<EvaluationMetrics>().ToList();
        Assert.Equal([0, 3, 6], evaluations.Select(evaluation => evaluation.Step));
        foreach (var (expected, found) in Evaluations.Zip(evaluations))
        {
            AssertNear(expected.Train, found.Losses[0].Loss, 1e-5, $"train loss after {found.Step} updates");
            AssertNear(expected.Val, found.Losses[1].Loss, 1e-5, $"val loss after {found.Step} updates");
        }

        // Each rank's generator and the batch that it has drawn ahead are in the checkpoint.
        await RunAsync("stopped", "--max_iters=3");
        await RunAsync("stopped", "--init_from=resume");
        Assert.Equal(BitsOf("whole"), BitsOf("stopped"));
        Assert.Equal(steps.Select(step => (step.Step, step.Loss)), MetricsFile.Read(_directory["stopped"]).OfType<StepMetrics>().Select(step => (step.Step, step.Loss)));
    }

    public void Dispose() => _directory.Dispose();

    private async Task RunAsync(string name, params string[] more)
    {
        string[] arguments =
        [
            "train", "--nproc_per_node=2", "--nanogpt_compat", $"--data={_directory["data"]}", $"--out_dir={_directory[name]}", "--vocab_size=65", "--n_layer=2", "--n_head=2", "--n_embd=32",
            "--block_size=16", "--dropout=0.1", "--batch_size=3", "--gradient_accumulation_steps=4", "--max_iters=6", "--eval_interval=3", "--eval_iters=2", "--learning_rate=1e-2",
            "--warmup_iters=2", "--lr_decay_iters=6", "--min_lr=1e-3", "--beta2=0.99", "--device=cpu", "--threads=1", "--save_interval=1", .. more,
        ];
        using var process = TrainLab.Start([], arguments);
        var outcome = await TrainLab.FinishAsync(process);
        Assert.True(outcome.Code == ExitCode.Success, outcome.Error);
    }

    private string BitsOf(string name)
    {
        using var store = CheckpointStore.OpenRead(_directory[name]);
        return TrainLab.BitsOf(store.List()[0]);
    }

    private static void AssertNear(double expected, double found, double relative, string what) =>
        Assert.True(Math.Abs(expected - found) <= relative * Math.Abs(expected), FormattableString.Invariant($"{what}: {found:R} instead of {expected:R}"));

    // The same numbers in any language: ids below 65, as uint16.
    private static byte[] Tokens(int count, long state)
    {
        byte[] bytes = new byte[2 * count];
        for (int i = 0; i < count; i++)
        {
            state = (state * 1103515245 + 12345) % 2147483648;
            bytes[2 * i] = (byte)((state >> 16) % 65);
        }

        return bytes;
    }
}
