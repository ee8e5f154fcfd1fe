using System.Diagnostics;
using Importer.Conversion;

namespace Importer.Cli.Output.Progress;

/// <summary>A line now and then while an import goes on.</summary>
internal sealed class ImportLines(TextWriter error) : IProgress<ImportProgress>
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private ImportPhase? _phase;
    private TimeSpan _phaseBegan;
    private TimeSpan _last;

    public void Report(ImportProgress value)
    {
        lock (_lock)
        {
            var now = _watch.Elapsed;
            if (_phase != value.Phase)
            {
                _phase = value.Phase;
                _phaseBegan = _last = now;
                if (value.Phase == ImportPhase.Waiting)
                {
                    error.WriteLine(PhaseText.Of(value.Phase));
                }
            }
            else if (now - _last >= Interval.OfLines && value.BytesTotal > 0)
            {
                _last = now;
                double rate = value.BytesDone / Math.Max(0.001, (now - _phaseBegan).TotalSeconds);
                var left = TimeSpan.FromSeconds((value.BytesTotal - value.BytesDone) / Math.Max(1, rate));
                error.WriteLine(
                    $"{PhaseText.Of(value.Phase)}: {Units.Bytes(value.BytesDone)} of {Units.Bytes(value.BytesTotal)}, " +
                    $"{Units.Bytes((long)rate)}/s, {Units.Time(left)} left");
            }
        }
    }
}
