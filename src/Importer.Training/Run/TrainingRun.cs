using CheckpointStorage;
using Importer.Models;

namespace Importer.Training;

/// <summary>
/// A training run from beginning to end, whatever interrupts it: it finds what there is to begin with or to go on from, opens the
/// data, trains, saves, and says why it ended.
/// </summary>
/// <example>
/// <code>
/// await using var run = await TrainingRun.FromOptionsAsync(new() { InitFrom = "auto", AutoInitFrom = "gpt2", Data = "my.txt", OutDir = "out", MaxIters = 200 });
/// var result = await run.RunAsync(cancellationToken);   // the same lines again go on where they were
/// Console.WriteLine($"{result.End} after {result.Step} updates: {result.Checkpoint?.Directory}");
/// </code>
/// </example>
public sealed partial class TrainingRun : IAsyncDisposable
{
    private readonly TrainingRunOptions _run;
    private readonly RunLog _log;
    private readonly RunFinder _finder;
    private readonly RunStart _start;
    private readonly RunData _data;
    private readonly ModelConfig _config;
    private readonly string? _temporary;
    private readonly bool _isPlan;
    private bool _started;

    private TrainingRun(TrainingRunOptions run, RunLog log, RunFinder finder, RunStart start, RunData data, ModelConfig config, TrainingPlan plan, bool isPlan, string? temporary)
    {
        _run = run;
        _log = log;
        _finder = finder;
        _start = start;
        _data = data;
        _config = config;
        Plan = plan;
        _isPlan = isPlan;
        _temporary = temporary;
    }

    /// <summary>What the run is going to do and to need.</summary>
    public TrainingPlan Plan { get; }

    /// <summary>The settings: what was given, and for the rest what the checkpoint has.</summary>
    public TrainingOptions Options => _start.Options;

    /// <summary>The run's checkpoints; opened to read where <see cref="TrainingOptions.EvalOnly"/> is set.</summary>
    public CheckpointStore Checkpoints => _finder.Store!;

    /// <summary>
    /// Finds what the run begins with, opens its directory and its data, and plans. Nothing is trained yet, and no weights are loaded.
    /// </summary>
    /// <param name="options">The settings.</param>
    /// <param name="run">Observers, log and the rest; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TrainingConfigurationException">Settings are wrong; all of them are named.</exception>
    /// <exception cref="RunDirectoryInUseException">A run was to begin anew among what is there; nothing was changed.</exception>
    /// <exception cref="NothingToResumeException">There is no checkpoint to resume.</exception>
    /// <exception cref="AllCheckpointsDamagedException">There are checkpoints, and none may be used; the run does not begin anew by itself.</exception>
    /// <exception cref="CheckpointException">The checkpoint that was asked for is missing or damaged, or another process runs there.</exception>
    /// <exception cref="InsufficientDiskSpaceException">The checkpoints will not fit on the disk.</exception>
    /// <exception cref="DataChangedException">The data is not what the checkpoint was trained on.</exception>
    /// <exception cref="TrainingDataException">The data is missing or broken.</exception>
    /// <exception cref="PretrainedException">The model cannot be found or read.</exception>
    /// <exception cref="Distributed.ProcessGroupException">The processes of the group disagree, or one of them failed or is gone.</exception>
    public static Task<TrainingRun> FromOptionsAsync(TrainingOptions options, TrainingRunOptions? run = null, CancellationToken cancellationToken = default) =>
        PrepareAsync(options, run, isPlan: false, cancellationToken);

    /// <summary>Plans a run and changes nothing: no directory is made, no checkpoint put aside.</summary>
    /// <inheritdoc cref="FromOptionsAsync"/>
    public static async Task<TrainingPlan> PlanAsync(TrainingOptions options, TrainingRunOptions? run = null, CancellationToken cancellationToken = default)
    {
        await using var planned = await PrepareAsync(options, run, isPlan: true, cancellationToken).ConfigureAwait(false);
        return planned.Plan;
    }

    /// <summary>
    /// Trains, until the run is complete or something else ends it; then what was made is saved. All of torch's work is done on one
    /// thread of its own.
    /// </summary>
    /// <param name="cancellationToken">
    /// Ends the run after the micro-step that is being made; the update that it belongs to is dropped, and all before it saved.
    /// </param>
    /// <returns>How it ended, errors included: those of the model, the optimizer, observers and saves.</returns>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    public Task<TrainingRunResult> RunAsync(CancellationToken cancellationToken = default)
    {
        if (_started || _isPlan)
        {
            throw new InvalidOperationException("A run is run once; make another to go on.");
        }

        _started = true;
        return Task.Factory.StartNew(() => IsFirst(_run) ? Execute(cancellationToken) : ExecuteBeside(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Closes the data and the directory, to which other processes may write then.</summary>
    public async ValueTask DisposeAsync()
    {
        _data.Dispose();
        if (_finder.Store is { } store)
        {
            await store.DisposeAsync().ConfigureAwait(false);
        }

        if (_temporary is not null && Directory.Exists(_temporary))
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }

    private static async Task<TrainingRun> PrepareAsync(TrainingOptions options, TrainingRunOptions? run, bool isPlan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        run ??= new TrainingRunOptions();
        options.Validate();
        var group = isPlan ? null : run.Group;
        var log = new RunLog(IsFirst(run) ? run.Log : null, run.Language);
        // What only evaluates changes nothing, either.
        bool readOnly = isPlan || options.EvalOnly || !IsFirst(run);
        var finder = new RunFinder(options, run, log, readOnly);
        RunData? data = null;
        string? temporary = null;
        try
        {
            await AgreeOnSettingsAsync(group, options, run, cancellationToken).ConfigureAwait(false);
            var start = group is { IsFirst: false }
                ? await ReceiveStartAsync(group, finder, cancellationToken).ConfigureAwait(false)
                : await finder.FindAsync(cancellationToken).ConfigureAwait(false);
            start.Options.ValidateRun();
            string cache = Path.Combine(start.Options.OutDir, RunDirectory.DataFolder);
            if (readOnly && !Directory.Exists(cache))
            {
                cache = temporary = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            }

            data = await RunData.OpenAsync(start, cache, IsFirst(run) ? run.PrepareProgress : null, log, cancellationToken).ConfigureAwait(false);
            var config = start.Config ?? RunModel.FromScratch(start.Options, data.Tokens.VocabularySize);
            data.Tokens.LimitTo(config.VocabSize);
            long tokenizer = TokenizerFiles.Of(start, data).Sum(file => (long)file.Value.Length);
            var plan = PlanMaker.Make(start, config, data, finder.Store!, tokenizer, run.WorldSize, log);
            await AgreeOnDataAsync(group, start, config, data, cancellationToken).ConfigureAwait(false);
            return new TrainingRun(run, log, finder, start, data, config, plan, isPlan, temporary);
        }
        catch (Exception e)
        {
            data?.Dispose();
            finder.Store?.Dispose();
            if (temporary is not null && Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }

            group?.Fail(e);
            throw;
        }
    }
}
