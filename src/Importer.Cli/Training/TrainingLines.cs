using System.Globalization;
using Importer.Cli.Output;
using Importer.Training;
using Importer.Training.Events;

namespace Importer.Cli.Commands;

/// <summary>A run's log and progress on standard error: nanoGPT's lines, with tokens per second and the time left.</summary>
internal sealed class TrainingLines(CliConsole console, bool quiet) : ITrainingObserver, IProgress<RunMessage>, IProgress<TrainingProgress>
{
    private readonly Lock _lock = new();
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

        if (console.ErrorIsTerminal)
        {
            lock (_lock)
            {
                // A line that is wrapped could not be drawn over.
                string text = value.ToString();
                int width = console.ErrorWidth();
                console.Error.Write($"\r\u001b[K{(width > 1 && text.Length >= width ? text[..(width - 1)] : text)}");
                _isDrawn = true;
            }
        }
        else
        {
            Line(value.ToString());
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
