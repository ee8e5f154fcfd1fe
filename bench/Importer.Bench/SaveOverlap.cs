using System.Diagnostics;
using Importer.Training;
using Tests.Shared;

namespace Importer.Bench;

/// <summary>A run of gpt2's true shape that saves in the background: updates beside a save, and those between saves.</summary>
internal static class SaveOverlap
{
    private const int Interval = 160, Saves = 2, After = 60, Vocabulary = 50257;

    public static async Task<SaveFigures> MeasureAsync()
    {
        string scratch = Path.Combine(GeneratedCheckpoint.Directory, "save-overlap");
        Directory.CreateDirectory(scratch);
        try
        {
            var random = new Random(1);
            byte[] tokens = [.. Enumerable.Range(0, 100_000).SelectMany(_ => BitConverter.GetBytes((ushort)random.Next(Vocabulary)))];
            await File.WriteAllBytesAsync(Path.Combine(scratch, "train.bin"), tokens).ConfigureAwait(false);
            await File.WriteAllBytesAsync(Path.Combine(scratch, "val.bin"), tokens.AsMemory(0, 20_000)).ConfigureAwait(false);
            var clock = new StepClock();
            var options = new TrainingOptions
            {
                InitFrom = "scratch",
                Data = scratch,
                OutDir = Path.Combine(scratch, "out"),
                Device = "cpu",
                BatchSize = 1,
                BlockSize = 64,
                GradientAccumulationSteps = 1,
                MaxIters = 100_000,
                EvalIters = 1,
                EvalInterval = 100_000,
                SaveInterval = $"{Interval}",
                KeepLast = 1,
                AsyncSave = true,
            };
            await using var run = await TrainingRun.FromOptionsAsync(options, new() { Observers = [clock] }).ConfigureAwait(false);
            await run.RunAsync().ConfigureAwait(false);
            return clock.Figures();
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    // Called before the run's own observer that saves: what updates wait for a save is in the time of the one after it.
    private sealed class StepClock : ITrainingObserver
    {
        private const int Warmup = 20;

        private readonly List<double> _alone = [], _beside = [], _saves = [], _waits = [];
        private long _last, _saving, _bytes;
        private int _sinceSave;
        private bool _first;

        public void StepCompleted(Trainer trainer, StepResult result)
        {
            long now = Stopwatch.GetTimestamp();
            double seconds = Stopwatch.GetElapsedTime(_last, now).TotalSeconds;
            _last = now;
            if (trainer.CurrentStep <= Warmup)
            {
                return;
            }

            (_saving != 0 ? _beside : _alone).Add(seconds);
            if (_first)
            {
                _waits.Add(seconds);
                _first = false;
            }

            if (_saves.Count == Saves && ++_sinceSave == After)
            {
                trainer.RequestStop();
            }
        }

        public void Saving(Trainer trainer, TrainingState state)
        {
            if (_saves.Count < Saves)
            {
                (_saving, _first) = (Stopwatch.GetTimestamp(), true);
            }
        }

        public void Saved(Trainer trainer, TrainingState state, string id)
        {
            if (_saving == 0)
            {
                return;
            }

            _saves.Add(Stopwatch.GetElapsedTime(_saving).TotalSeconds);
            _saving = 0;
            _bytes = trainer.ModelTensors.Concat(trainer.OptimizerTensors).Sum(item => item.Tensor.numel() * item.Tensor.element_size());
        }

        public SaveFigures Figures() => new(
            _beside.Average() / _alone.Average() - 1,
            _alone.Average(),
            _saves.Average(),
            _waits.Average() - _alone.Average(),
            _beside.Count,
            _bytes);
    }
}
