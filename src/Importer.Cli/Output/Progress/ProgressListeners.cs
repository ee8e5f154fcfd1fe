using HuggingFace.Hub.Client;
using Importer.Conversion;
using Importer.Inspection;

namespace Importer.Cli.Output.Progress;

/// <summary>Who is told how far the work has come; null where nobody watches.</summary>
internal sealed record ProgressListeners(IProgress<HubProgress>? Download, IProgress<ImportProgress>? Import)
{
    /// <summary>Told how far the looking at data has come.</summary>
    public IProgress<InspectionProgress>? Inspection { get; init; }
}
