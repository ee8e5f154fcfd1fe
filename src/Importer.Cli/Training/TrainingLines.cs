using System.Globalization;
using Importer.Cli.Output;
using Importer.Training;

namespace Importer.Cli.Commands;

/// <summary>A run's log and progress on standard error: nanoGPT's lines, with tokens per second and the time left.</summary>
internal sealed class TrainingLines(CliConsole console, bool quiet, long logInterval) : ITrainingObserver, IProgress<RunMessage>
{
    private readonly Lock _lock = new();
    private double _secondsPerStep;
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

    public void StepCompleted(Trainer trainer, StepResult result)
    {
        // A running mean, in which an update weighs a tenth.
        _secondsPerStep = _secondsPerStep == 0 ? result.Elapsed.TotalSeconds : 0.9 * _secondsPerStep + 0.1 * result.Elapsed.TotalSeconds;
        if (quiet || (result.Step % logInterval != 0 && result.Step != trainer.TotalSteps))
        {
            return;
        }

        var left = TimeSpan.FromSeconds(Math.Min(_secondsPerStep * (trainer.TotalSteps - result.Step), TimeSpan.MaxValue.TotalSeconds / 2));
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"iter {result.Step}/{trainer.TotalSteps}: loss {result.Loss:0.0000}, lr {result.LearningRate:0.00e+0}, {result.TokensPerSecond:N0} tokens/s, {result.Elapsed.TotalMilliseconds:0.00}ms, {Units.Time(left)} left");
        if (console.ErrorIsTerminal)
        {
            lock (_lock)
            {
                console.Error.Write($"\r\u001b[K{line}");
                _isDrawn = true;
            }
        }
        else
        {
            Line(line);
        }
    }

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

    private void Line(string text)
    {
        lock (_lock)
        {
            Finish();
            console.Error.WriteLine(TerminalText.Line(text));
        }
    }
}
