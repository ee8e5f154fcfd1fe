using System.Globalization;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;
using Importer.Training;
using Importer.Training.Events;

namespace Importer.Cli.Commands;

/// <summary>A run's log and progress on standard error: nanoGPT's lines, with tokens per second and the time left.</summary>
/// <param name="console">Where to.</param>
/// <param name="quiet">Whether only warnings are told.</param>
/// <param name="time">The clock; null for the system's.</param>
internal sealed class TrainingLines(CliConsole console, bool quiet, TimeProvider? time = null) : ITrainingObserver, IProgress<RunMessage>, IProgress<TrainingProgress>
{
    private static readonly TimeSpan Redrawn = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _last = (time ?? TimeProvider.System).GetTimestamp();
    private bool _isDrawn;

    public void Report(RunMessage value)
    {
        if (value.Kind == RunMessageKind.Warning)
        {
            Line($"warning: {value.Text}");
        }
        else if (!quiet)
        {
            Line(value.Text);
        }
    }

    public void Report(TrainingProgress value)
    {
        if (quiet)
        {
            return;
        }

        Draw(value.ToString());
    }

    public void MicroStepCompleted(Trainer trainer, int done, int count) => Lives($"update {trainer.CurrentStep + 1}: micro-step {done} of {count}");

    public void BatchEvaluated(Trainer trainer, string name, int done, int count) => Lives($"step {trainer.CurrentStep}: evaluating {name}, batch {done} of {count}");

    public void Evaluated(Trainer trainer, EvaluationResult result)
    {
        if (!quiet)
        {
            string losses = string.Join(", ", result.Losses.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Name} loss {item.Loss:0.0000}")));
            Line(string.Create(CultureInfo.InvariantCulture, $"step {result.Step}: {losses}{(result.IsBest ? " (best)" : "")}"));
        }
    }

    /// <summary>Ends the line that is redrawn.</summary>
    public void Finish()
    {
        lock (_lock)
        {
            if (_isDrawn)
            {
                console.Error.WriteLine();
                _isDrawn = false;
            }
        }
    }

    // Where nothing else was said for a while.
    private void Lives(FormattableString text)
    {
        if (!quiet && _time.GetElapsedTime(_last) >= (console.ErrorIsTerminal ? Redrawn : Interval.OfLines))
        {
            Draw(text.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Draw(string text)
    {
        if (!console.ErrorIsTerminal)
        {
            Line(text);
            return;
        }

        lock (_lock)
        {
            // A line that is wrapped could not be drawn over.
            int width = console.ErrorWidth();
            console.Error.Write($"\r\u001b[K{(width > 1 && text.Length >= width ? text[..(width - 1)] : text)}");
            _isDrawn = true;
            _last = _time.GetTimestamp();
        }
    }

    private void Line(string text)
    {
        lock (_lock)
        {
            Finish();
            console.Error.WriteLine(TerminalText.Line(text));
            _last = _time.GetTimestamp();
        }
    }
}
