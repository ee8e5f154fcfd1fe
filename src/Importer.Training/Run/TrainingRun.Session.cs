using System.Text.Json.Nodes;
using CheckpointStorage;
using Importer.Models;
using Importer.Training.Checkpoints;
using Importer.Training.Events;
using Importer.Training.NanoGpt;
using SafeTensorSharp;
using static TorchSharp.torch;

namespace Importer.Training;

public sealed partial class TrainingRun
{
    /// <summary>The model, the trainer and what saves them, on the thread that trains.</summary>
    private sealed class Session : IDisposable
    {
        private readonly PretrainedModel _model;

        private Session(TrainingRun run, PretrainedModel model, RunEnvironment environment)
        {
            _model = model;
            var options = run.Options;
            var start = run._start;
            string runId = start.Record?.RunId ?? Guid.NewGuid().ToString("N");
            Events = new RunEvents(options, run._run);
            var observers = Events.Observers;
            CheckpointWriter? writer = null;
            var source = new CheckpointSource(model, TokenizerFiles.Of(start, run._data));
            writer = new CheckpointWriter(run.Checkpoints, source, Record, observers, run._log, run._run.TimeProvider, start.Record?.State);
            Writer = writer;
            Checkpointer = new Checkpointer(options, run.Plan.TotalSteps, writer, run._run.TimeProvider);
            Trainer = new Trainer(model, options, run._data.Sources(options, model.Config, run._log), [.. observers, Checkpointer], run._run.Group);
            run._finder.Verifier = checkpoint => CheckpointSource.Verify(checkpoint, Trainer.ModelTensors, Trainer.OptimizerTensors);

            TrainerRecord Record(Trainer trainer, string reason) => new()
            {
                Format = TrainerRecord.CurrentFormat,
                Reason = reason,
                State = trainer.Capture(),
                Options = options.ToJson(),
                CommandLine = run._run.CommandLine,
                Environment = environment,
                Data = run._data.Fingerprint,
                FixedBatchOf = trainer.Sources.Evaluation.Count > 0 ? trainer.Sources.Evaluation[^1].Name : null,
                FixedBatchLoss = trainer.FixedBatchLoss(),
                Base = start.Base,
                RunId = runId,
                ParentId = writer!.Last?.Id ?? start.Checkpoint?.Id,
            };
        }

        public RunEvents Events { get; }

        public Trainer Trainer { get; }

        public CheckpointWriter Writer { get; }

        public Checkpointer Checkpointer { get; }

        /// <summary>Makes the model, and puts the run where it is to go on.</summary>
        public static Session Open(TrainingRun run, CancellationToken cancellationToken)
        {
            var start = run._start;
            var options = run.Options;
            var group = run._run.Group;
            if (RunModel.ThreadsOf(start, run.Plan.WorldSize) is { } threads && threads != get_num_threads())
            {
                set_num_threads(threads);
            }

            var device = RunModel.DeviceOf(options.Device, group?.LocalRank ?? 0);
            var environment = RunEnvironment.Current(device.ToString(), options.Dtype, run.Plan.WorldSize);
            bool isSame = start.Record is not { } recorded || ResumeChecks.Environment(recorded, environment, options, run._log);
            Announce(run);
            var model = RunModel.Create(start, run._config, device);
            Session? session = null;
            try
            {
                session = new Session(run, model, environment);
                session.Restore(run, isSame, cancellationToken);
                session.Trainer.Synchronize();
                return session;
            }
            catch
            {
                session?.Events.Dispose();
                session?.Trainer.Dispose();
                model.Dispose();
                throw;
            }
        }

        public void Dispose()
        {
            Events.Dispose();
            Trainer.Dispose();
            _model.Dispose();
        }

        private void Restore(TrainingRun run, bool isSame, CancellationToken cancellationToken)
        {
            var start = run._start;
            if (start is { Checkpoint: { } checkpoint, Record: { } record })
            {
                Backup(run, checkpoint, cancellationToken);
                using (var model = SafeTensorFile.Open(checkpoint.GetPath(CheckpointNames.Model)))
                using (var optimizer = SafeTensorFile.Open(checkpoint.GetPath(CheckpointNames.Optimizer)))
                {
                    TensorFile.Check(model, "model", Trainer.ModelTensors, Trainer.TensorCheck());
                    TensorFile.Check(optimizer, "optimizer", Trainer.OptimizerTensors, Trainer.TensorCheck());
                    TensorFile.Read(model, Trainer.ModelTensors, cancellationToken);
                    TrainingCrashPoint.Reach(TrainingCrashPoint.DuringLoad);
                    TensorFile.Read(optimizer, Trainer.OptimizerTensors, cancellationToken);
                }

                Trainer.Restore(record.State);
                SayIfLonger(run, record.State);
                ResumeChecks.FixedBatch(record, Trainer, isSame, run._data, run._log);
                Clean(run, checkpoint);
                run._log.Resumed(checkpoint.Directory, checkpoint.Step, checkpoint.Files.First(file => file.Name == CheckpointNames.Model).Sha256);
            }
            else if (start.IsNanoGpt)
            {
                using var file = NanoGptCheckpoint.Open(start.Pretrained!.Path);
                file.Resume(Trainer);
                run._log.Resumed(start.Pretrained.Path, Trainer.CurrentStep, start.Base!.Sha256);
            }
            else
            {
                Replace(run, cancellationToken);
            }

            foreach (var observer in Events.Observers.OfType<IResumableObserver>())
            {
                JsonNode? captured = null;
                start.Record?.Observers.TryGetPropertyValue(observer.Name, out captured);
                observer.Resuming(Trainer.CurrentStep, captured);
            }
        }

        // A rate of nothing is a surprise that users of other trainers complain of.
        private void SayIfLonger(TrainingRun run, TrainingState state)
        {
            if (Trainer.TotalSteps <= state.TotalSteps)
            {
                return;
            }

            string policy = run.Options.LrDecayIters is null ? $"lr_schedule_on_extend {run.Options.LrScheduleOnExtend}" : "lr_decay_iters";
            double now = Trainer.Schedule.At(state.Step), end = Trainer.Schedule.At(Trainer.TotalSteps - 1);
            string line = FormattableString.Invariant(
                $"The run was planned with {state.TotalSteps} updates and now has {Trainer.TotalSteps}: its learning rate is {now:0.###e+00} now and {end:0.###e+00} at the end ({policy})");
            if (now == 0 && end == 0)
            {
                run._log.Warn($"{line}, so nothing more is learned");
            }
            else
            {
                run._log.Say(line);
            }
        }

        // The line by which nanoGPT begins, and for what begins anew the one of the three that says so.
        private static void Announce(TrainingRun run)
        {
            var (start, log) = (run._start, run._log);
            if (start.Checkpoint is not null || start.IsNanoGpt)
            {
                log.Say($"Resuming training from {DisplayText.Escape(run.Options.OutDir)}");
            }
            else if (start.Pretrained is { } located)
            {
                log.Say($"Initializing from OpenAI GPT-2 weights: {DisplayText.Escape(located.Id ?? located.Path)}".Replace("OpenAI GPT-2", run._config.ModelType == "gpt2" ? "OpenAI GPT-2" : run._config.ModelType, StringComparison.Ordinal));
                log.Found(located.Path, start.Base!.Sha256);
            }
            else
            {
                log.Say("Initializing a new model from scratch");
                log.Scratch(run.Checkpoints.Directory);
            }
        }

        // Rotation may remove what the run goes on from, and a fresh run removes what it replaces: a copy stays.
        private static void Backup(TrainingRun run, CheckpointInfo checkpoint, CancellationToken cancellationToken)
        {
            if (run.Checkpoints.CanWrite && Path.GetDirectoryName(checkpoint.Directory) == run.Checkpoints.Directory)
            {
                var backup = run.Checkpoints.BackupAsync(checkpoint, cancellationToken).GetAwaiter().GetResult();
                run._log.Say($"{checkpoint.Id} is kept in {DisplayText.Escape(backup.Directory)}");
            }
        }

        // A process that was killed between its last save and the removal of old ones left those, and a run that is complete saves no more.
        private static void Clean(TrainingRun run, CheckpointInfo checkpoint)
        {
            if (!run.Checkpoints.CanWrite || Path.GetDirectoryName(checkpoint.Directory) != run.Checkpoints.Directory)
            {
                return;
            }

            try
            {
                run.Checkpoints.Rotate(checkpoint);
            }
            catch (CheckpointIOException e)
            {
                run._log.Warn(e.Message);
            }
        }

        private static void Replace(TrainingRun run, CancellationToken cancellationToken)
        {
            var old = run.Checkpoints.List();
            if (old.Count == 0 || !run.Checkpoints.CanWrite)
            {
                return;
            }

            var store = run.Checkpoints;
            if (old.FirstOrDefault(info => info.Problem is null && store.VerifyAsync(info, null, cancellationToken).GetAwaiter().GetResult().Count == 0) is { } newest)
            {
                Backup(run, newest, cancellationToken);
            }

            foreach (var checkpoint in old)
            {
                store.Remove(checkpoint);
                run._log.Warn($"{checkpoint.Id} was removed (overwrite)");
            }
        }
    }
}
