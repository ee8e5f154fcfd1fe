using System.Diagnostics;
using CheckpointStorage;
using Importer.Models.Gpt;
using Importer.Training;
using Importer.Training.Checkpoints;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Bench;

/// <summary>
/// What updates of gpt2's true shape lose to a save in the background: as many beside one as without, in turns. At its pace a whole
/// checkpoint takes minutes, and costs the same in each of them; so a round copies everything, as a save does, and then saves a layer
/// with its moments, from the first byte to the removal of the one before. One round in four meets a machine that is slower for
/// seconds, with the save or without: the median of the rounds counts.
/// </summary>
internal static class SaveOverlap
{
    private const int Warmup = 6, LeastRounds = 3, MostRounds = 5;

    // A round is not begun after so long: a busy machine makes fewer of them.
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(150);

    public static async Task<SaveFigures> MeasureAsync()
    {
        string scratch = Path.Combine(GeneratedCheckpoint.Directory, "save-overlap");
        if (Directory.Exists(scratch))
        {
            Directory.Delete(scratch, recursive: true);
        }

        try
        {
            using var model = ScratchModel.Create(new GptConfig { Activation = GptActivation.Gelu }.WithDropout(0), 1337, CPU);
            using var trainer = TrainChild.TrainerOf(model, batch: 1, length: 64);
            await using var store = CheckpointStore.Open(scratch, new CheckpointStoreOptions { Retention = new RetentionPolicy { KeepLast = 1 } });
            for (int i = 0; i < Warmup; i++)
            {
                trainer.Step();
            }

            var rounds = new List<Round>();
            var watch = Stopwatch.StartNew();
            while (rounds.Count < LeastRounds || (rounds.Count < MostRounds && watch.Elapsed < Enough))
            {
                rounds.Add(await RoundAsync(trainer, store, layer: rounds.Count).ConfigureAwait(false));
            }

            return Figures(rounds, trainer);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static async Task<Round> RoundAsync(Trainer trainer, CheckpointStore store, int layer)
    {
        // All that updates wait for before a save in the background begins.
        long begin = Stopwatch.GetTimestamp();
        trainer.FixedBatchLoss();
        if (!trainer.ModelTensors.All(item => TensorFile.IsFinite(item.Tensor)))
        {
            throw new InvalidOperationException("The weights are no numbers.");
        }

        using var weights = TensorSnapshot.Of(trainer.ModelTensors);
        using var moments = TensorSnapshot.Of(trainer.OptimizerTensors);
        double wait = Stopwatch.GetElapsedTime(begin).TotalSeconds;

        var pace = new SavePace(CheckpointWriter.BackgroundShare);
        var content = new CheckpointContent
        {
            Step = trainer.CurrentStep,
            Files = [Part(CheckpointNames.Model, weights, layer), Part(CheckpointNames.Optimizer, moments, layer)],
        };
        var saving = Task.Run(() => store.SaveAsync(content, pace: pace));
        double beside = 0, alone = 0;
        int steps = 0;
        for (; !saving.IsCompleted; steps++)
        {
            beside += Statistics.Seconds(() => trainer.Step());
        }

        var saved = await saving.ConfigureAwait(false);
        for (int i = 0; i < steps; i++)
        {
            alone += Statistics.Seconds(() => trainer.Step());
        }

        return new Round(wait, beside, alone, steps, saved.Timings.Total.TotalSeconds, saved.Bytes);
    }

    private static CheckpointFile Part(string name, TensorSnapshot snapshot, int layer)
    {
        var part = snapshot.Tensors.Where(item => item.Name.Contains($".h.{layer}.", StringComparison.Ordinal)).ToList();
        return CheckpointFile.From(name, (stream, cancel) =>
        {
            TensorFile.Write(stream, part, new Dictionary<string, string>(), cancel);
            return Task.CompletedTask;
        });
    }

    private static SaveFigures Figures(List<Round> rounds, Trainer trainer)
    {
        long whole = TensorFile.ByteCount(trainer.ModelTensors) + TensorFile.ByteCount(trainer.OptimizerTensors), saved = rounds[0].Bytes;
        double part = (double)saved / whole, alone = rounds.Sum(round => round.Alone), wait = Statistics.Median(rounds.Select(round => round.Wait));
        int steps = rounds.Sum(round => round.Steps);
        return new SaveFigures(
            Cost: Statistics.Median(rounds.Select(round => ((round.Beside + (wait * part)) / round.Alone) - 1)),
            Rounds: [.. rounds.Select(round => (round.Beside / round.Alone) - 1)],
            StepSeconds: alone / steps,
            WaitSeconds: wait,
            WholeSeconds: Statistics.Median(rounds.Select(round => round.Save)) / part,
            steps,
            saved,
            whole);
    }

    /// <summary>Seconds for which the updates waited for a copy of everything, and of as many updates each beside a save and without.</summary>
    private sealed record Round(double Wait, double Beside, double Alone, int Steps, double Save, long Bytes);
}
