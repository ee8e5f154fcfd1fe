using System.Text.Json.Nodes;
using Importer.IO;

namespace Importer.Training.Events;

/// <summary>
/// Writes <c>metrics.jsonl</c> in a run's directory: a line per logged update, evaluation, save and process. A run that goes on has
/// each update and evaluation once, however it was stopped; <see cref="TrainingRun"/> writes it unless <see cref="TrainingOptions.Metrics"/> is false.
/// </summary>
/// <remarks>
/// Each line is written whole, with one write. A checkpoint holds how long the file was, and the run that goes on cuts it there; what
/// is known of saves and processes stays. A disk that takes no line is no reason to stop: lines wait in memory, and in checkpoints.
/// </remarks>
public sealed class MetricsObserver : IResumableObserver, IDisposable
{
    private const string OldFolder = "logs";

    private readonly string _path;
    private readonly IProgress<RunMessage>? _log;
    private readonly TimeProvider _time;
    private LineAppender? _lines;
    private MetricsMark? _mark;
    private Trainer? _trainer;
    private string? _end;
    private bool _warned;
    private long _began, _saving, _tokens, _tokensSince;
    private double _elapsedBefore, _secondsSince;

    /// <summary>Makes the observer; the file is touched when the run begins.</summary>
    /// <param name="directory">The run's directory.</param>
    /// <param name="log">Told where the file cannot be written, or lacks what was before; null for nobody.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public MetricsObserver(string directory, IProgress<RunMessage>? log = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _path = System.IO.Path.Combine(System.IO.Path.GetFullPath(directory), MetricsFile.FileName);
        _log = log;
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public string Name => "metrics";

    /// <summary>The file.</summary>
    public string Path => _path;

    /// <inheritdoc/>
    public JsonNode? Capture()
    {
        _lines?.Flush();
        return _lines is null ? _mark?.ToJson() : new MetricsMark(_lines.Length, _lines.Unwritten).ToJson();
    }

    /// <inheritdoc/>
    public void Resuming(long steps, JsonNode? captured)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(_path)!);
        _mark = MetricsMark.Parse(captured);
        if (steps == 0 && _mark is null)
        {
            PutAside();
        }

        var recovery = MetricsRecovery.Find(_path, steps, _mark);
        if (!recovery.IsWhole)
        {
            Warn($"{DisplayText.Escape(_path)} is shorter than it was when step {steps} was saved, or another file: what was measured before is not all there");
        }

        _lines?.Dispose();
        _lines = new LineAppender(_path, recovery.Length, e => Warn($"{DisplayText.Escape(_path)} cannot be written: {DisplayText.Escape(e.Message)} The lines wait in memory."));
        foreach (byte[] line in recovery.Again)
        {
            _lines.Append(line);
        }
    }

    /// <inheritdoc/>
    public void Started(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_lines is null)
        {
            Resuming(trainer.CurrentStep, null);
        }

        var state = trainer.Capture();
        (_trainer, _tokens, _elapsedBefore, _began) = (trainer, state.TokensSeen, state.ElapsedSeconds, _time.GetTimestamp());
        Write(new RunMetrics(trainer.CurrentStep, trainer.CurrentStep > 0 || _mark is not null ? "resume" : "start", trainer.TotalSteps, null, Now()));
    }

    /// <inheritdoc/>
    public void StepCompleted(Trainer trainer, StepResult result)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(result);
        _tokens += result.Tokens;
        _tokensSince += result.Tokens;
        _secondsSince += result.Elapsed.TotalSeconds;
        if (result.Step % trainer.Options.LogInterval == 0 || result.Step == trainer.TotalSteps)
        {
            Write(new StepMetrics(
                result.Step, result.Loss, result.LearningRate, result.GradientNorm, result.Epoch, _tokens,
                Now(result.Elapsed) with { TokensPerSecond = _tokensSince / Math.Max(_secondsSince, 1e-9) }));
            (_tokensSince, _secondsSince) = (0, 0);
        }
    }

    /// <inheritdoc/>
    public void Evaluated(Trainer trainer, EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Write(new EvaluationMetrics(result.Step, result.Losses, result.IsBest, Now(result.Elapsed)));
    }

    /// <inheritdoc/>
    public void Saving(Trainer trainer, TrainingState state) => _saving = _time.GetTimestamp();

    /// <inheritdoc/>
    public void Saved(Trainer trainer, TrainingState state, string id)
    {
        ArgumentNullException.ThrowIfNull(state);
        Write(new SaveMetrics(state.Step, id, Bytes(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(_path)!, id)), Now(_time.GetElapsedTime(_saving))));
    }

    /// <inheritdoc/>
    public void Ended(Trainer trainer, TrainingEnd reason) => _end ??= System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());

    /// <summary>Says why the process ended, where the trainer does not: by a signal, or by an error.</summary>
    /// <param name="reason">Such as <c>failed</c>.</param>
    public void EndedBy(string reason) => _end = reason;

    /// <summary>Writes the line that ends a process, after its last save, and closes the file.</summary>
    public void Dispose()
    {
        if (_trainer is { } trainer)
        {
            Write(new RunMetrics(trainer.CurrentStep, "end", trainer.TotalSteps, _end ?? "interrupted", Now()));
            _trainer = null;
        }

        _lines?.Dispose();
        _lines = null;
    }

    private static long? Bytes(string checkpoint) => Directory.Exists(checkpoint) ? new DirectoryInfo(checkpoint).EnumerateFiles().Sum(file => file.Length) : null;

    // Of a run that came to no checkpoint, or that is written over.
    private void PutAside()
    {
        if (!RegularFile.Exists(_path) || RegularFile.Length(_path) == 0)
        {
            return;
        }

        string folder = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(_path)!, OldFolder);
        Directory.CreateDirectory(folder);
        string name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"metrics-{File.GetLastWriteTimeUtc(_path):yyyyMMddTHHmmss}");
        for (int i = 0; ; i++)
        {
            string place = System.IO.Path.Combine(folder, $"{name}{(i == 0 ? "" : $"-{i}")}.jsonl");
            if (!File.Exists(place))
            {
                File.Move(_path, place);
                return;
            }
        }
    }

    private void Write(MetricsEntry entry) => _lines?.Append(MetricsJson.ToUtf8(entry));

    private MetricsTiming Now(TimeSpan? took = null) =>
        new(_time.GetUtcNow(), _elapsedBefore + _time.GetElapsedTime(_began).TotalSeconds, took?.TotalSeconds);

    private void Warn(string text)
    {
        if (!_warned)
        {
            _warned = true;
            _log?.Report(new RunMessage(RunMessageKind.Warning, text));
        }
    }
}
