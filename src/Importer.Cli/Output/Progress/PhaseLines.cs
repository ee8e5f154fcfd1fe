using System.Diagnostics;

namespace Importer.Cli.Output.Progress;

/// <summary>A line now and then while the work goes on.</summary>
internal sealed class PhaseLines(TextWriter error) : IProgress<PhaseProgress>
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private string? _phase;
    private TimeSpan _phaseBegan;
    private TimeSpan _last;

    public void Report(PhaseProgress value)
    {
        lock (_lock)
        {
            var now = _watch.Elapsed;
            if (_phase != value.Phase)
            {
                _phase = value.Phase;
                _phaseBegan = _last = now;
                if (value.Total == 0)
                {
                    error.WriteLine(value.Phase);
                }
            }
            else if (now - _last >= Interval.OfLines && value.Total > 0)
            {
                _last = now;
                double rate = value.Done / Math.Max(0.001, (now - _phaseBegan).TotalSeconds);
                var left = TimeSpan.FromSeconds((value.Total - value.Done) / Math.Max(1, rate));
                error.WriteLine(
                    $"{value.Phase}: {Units.Bytes(value.Done)} of {Units.Bytes(value.Total)}, " +
                    $"{Units.Bytes((long)rate)}/s, {Units.Time(left)} left");
            }
        }
    }
}
