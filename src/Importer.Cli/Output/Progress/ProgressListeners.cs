using HuggingFace.Hub.Client;
using Importer.Conversion;
using Importer.Export;
using Importer.Inspection;
using Importer.Training.Data;

namespace Importer.Cli.Output.Progress;

/// <summary>Who is told how far the work has come; null where nobody watches.</summary>
internal sealed record ProgressListeners(IProgress<HubProgress>? Download, IProgress<PhaseProgress>? Phases)
{
    public IProgress<ImportProgress>? Import => Phases is null ? null : new Relay<ImportProgress>(value => Phases.Report(PhaseProgress.Of(value)));

    public IProgress<ExportProgress>? Export => Phases is null ? null : new Relay<ExportProgress>(value => Phases.Report(PhaseProgress.Of(value)));

    public IProgress<InspectionProgress>? Inspection =>
        Phases is null ? null : new Relay<InspectionProgress>(value => Phases.Report(PhaseProgress.Of(value)));

    public IProgress<PrepareProgress>? Prepare => Phases is null ? null : new Relay<PrepareProgress>(value => Phases.Report(PhaseProgress.Of(value)));

    private sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
