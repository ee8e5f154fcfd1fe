using System.Diagnostics;
using Importer.Inspection;

namespace Importer.Cli.Output.Progress;

/// <summary>A line now and then while data is looked at.</summary>
internal sealed class InspectionLines(TextWriter error) : IProgress<InspectionProgress>
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _last;

    public void Report(InspectionProgress value)
    {
        lock (_lock)
        {
            if (_watch.Elapsed - _last >= Interval.OfLines)
            {
                _last = _watch.Elapsed;
                error.WriteLine($"{PhaseText.Of(value.Phase)}: {Units.Bytes(value.BytesDone)} of {Units.Bytes(value.BytesTotal)}");
            }
        }
    }
}
