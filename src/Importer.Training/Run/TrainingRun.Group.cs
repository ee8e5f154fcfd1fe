using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Models;
using Importer.Training.Checkpoints;
using Importer.Training.Distributed;
using static TorchSharp.torch;

namespace Importer.Training;

/// <content>
/// A run of several processes. Rank 0 finds what there is to begin with, and its settings are the run's; the others are told, open the
/// data to read, get weights and state, and make updates when rank 0 says so. Where it loads, evaluates or saves they wait.
/// </content>
public sealed partial class TrainingRun
{
    // A launcher that sees one process end with an error ends the others, and rank 0 may still be saving.
    private static readonly TimeSpan WhileRank0Saves = TimeSpan.FromMinutes(10);

    private static bool IsFirst(TrainingRunOptions run) => run.Group?.IsFirst != false;

    // Waiting is a thread's: an operation of the group has no other form.
    private static Task AgreeOnSettingsAsync(ProcessGroup? group, TrainingOptions options, TrainingRunOptions run, CancellationToken cancellationToken)
    {
        if (group is null)
        {
            return Task.CompletedTask;
        }

        var values = options.ToJson();
        values["given"] = run.Given is null ? null : new JsonArray([.. run.Given.Order(StringComparer.Ordinal).Select(name => (JsonNode?)name)]);
        values["version"] = typeof(TrainingRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return Task.Run(() => group.Agree("settings", values, cancellationToken), CancellationToken.None);
    }

    private static Task AgreeOnDataAsync(ProcessGroup? group, RunStart start, ModelConfig config, RunData data, CancellationToken cancellationToken)
    {
        if (group is null)
        {
            return Task.CompletedTask;
        }

        return Task.Run(
            () =>
            {
                if (group.IsFirst)
                {
                    // The others come to their data only now: what rank 0 has made of a text is there for them.
                    group.BroadcastText(StartText(start, config, group.WorldSize), cancellationToken);
                }

                group.Agree("data", (JsonObject)JsonSerializer.SerializeToNode(data.Fingerprint, TrainerRecordContext.Default.DatasetFingerprint)!, cancellationToken);
            },
            CancellationToken.None);
    }

    private static string StartText(RunStart start, ModelConfig config, int worldSize) => JsonSerializer.Serialize(
        new JsonObject
        {
            ["options"] = (start.Options with { Threads = RunModel.ThreadsOf(start, worldSize) }).ToJson(),
            ["model_type"] = config.ModelType,
            ["config"] = config.ToJson(),
            ["step"] = start.FirstStep,
            ["tokenizer"] = start.TokenizerDirectory is { } directory ? Path.GetFullPath(directory) : null,
            ["is_scratch"] = start.IsScratch,
        },
        ConfigJsonContext.Default.JsonObject);

    private static async Task<RunStart> ReceiveStartAsync(ProcessGroup group, RunFinder finder, CancellationToken cancellationToken)
    {
        string text = await Task.Run(() => group.BroadcastText(null, cancellationToken), CancellationToken.None).ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            var options = TrainingOptions.FromJson((JsonObject)JsonNode.Parse(root.GetProperty("options").GetRawText())!, out _);
            string type = root.GetProperty("model_type").GetString()!;
            var family = ModelFamily.Find(type) ?? throw new GroupProtocolException(0, $"a model of the type {type}");
            var config = SettingsMerge.Adapt(family.ReadConfig(root.GetProperty("config"), "rank 0's configuration", type), options);
            finder.Open(options);
            return new RunStart
            {
                Options = options,
                Config = config,
                NanoGptStep = root.GetProperty("step").GetInt64(),
                TokenizerDirectory = root.GetProperty("tokenizer").GetString(),
                IsReceived = !root.GetProperty("is_scratch").GetBoolean(),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidCastException or ArgumentException)
        {
            throw new GroupProtocolException(0, $"a run that cannot be read ({e.Message})");
        }
    }

    /// <summary>What happens on the thread that trains, in the ranks from 1 on.</summary>
    private TrainingRunResult ExecuteBeside(CancellationToken cancellationToken)
    {
        var group = _run.Group!;
        long begin = Stopwatch.GetTimestamp();
        PretrainedModel? model = null;
        Trainer? trainer = null;
        TrainingRunEnd end;
        Exception? error = null;
        try
        {
            if (Options.Threads is { } threads && threads != get_num_threads())
            {
                set_num_threads(threads);
            }

            model = RunModel.CreateToReceive(_start, _config, RunModel.DeviceOf(Options.Device, group.LocalRank), group.Rank);
            trainer = new Trainer(model, Options, _data.Sources(Options, model.Config, _log), [], group);
            trainer.Synchronize();
            Train(trainer, cancellationToken);
            // Rank 0 saves meanwhile, and what becomes of that is the run's end.
            end = Enum.TryParse(group.BroadcastText(null, CancellationToken.None), out TrainingRunEnd told) && Enum.IsDefined(told)
                ? told
                : throw new GroupProtocolException(0, "an end that has no name");
        }
        catch (Exception e)
        {
            (end, error) = (TrainingRunEnd.Failed, TrainingMemoryException.Translate(e));
            group.Fail(error, WhileRank0Saves);
        }

        try
        {
            var state = trainer?.Capture();
            return new TrainingRunResult(
                end, state?.Step ?? _start.FirstStep, Newest(), state?.BestLoss, state?.LastLoss, Stopwatch.GetElapsedTime(begin), default, error);
        }
        finally
        {
            trainer?.Dispose();
            model?.Dispose();
        }

        static void Train(Trainer trainer, CancellationToken cancellationToken)
        {
            try
            {
                trainer.Run(cancellationToken);
            }
            catch (OperationCanceledException) when (trainer.IsCancelledTogether)
            {
            }
        }
    }

    // After the last save: where that failed, all fail.
    private void TellOthers(Session? session, TrainingRunEnd end, Exception? error)
    {
        if (_run.Group is not { } group)
        {
            return;
        }

        try
        {
            if (error is not null)
            {
                group.Fail(error);
            }
            else if (end == TrainingRunEnd.Interrupted && session?.Trainer.IsCancelledTogether != true)
            {
                group.Fail(new OperationCanceledException("Rank 0 was cancelled before the run began"));
            }
            else
            {
                group.BroadcastText(end.ToString());
            }
        }
        catch (ProcessGroupException e)
        {
            // Everything is done and saved; who is gone now is not missed.
            _log.Warn(e.Message);
        }
    }
}
