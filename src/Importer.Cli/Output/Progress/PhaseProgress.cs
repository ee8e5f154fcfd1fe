using Importer.Conversion;
using Importer.Export;
using Importer.Inspection;
using Importer.Training.Data;

namespace Importer.Cli.Output.Progress;

/// <summary>How far a phase of some work has come.</summary>
/// <param name="Phase">What it is called.</param>
/// <param name="Done">Bytes that are done.</param>
/// <param name="Total">Bytes in all; 0 for a phase that has none.</param>
internal readonly record struct PhaseProgress(string Phase, long Done, long Total)
{
    public static PhaseProgress Of(ImportProgress value) => new(
        value.Phase switch
        {
            ImportPhase.Waiting => "waiting for another import to the same place",
            ImportPhase.Checking => "checking",
            _ => "importing",
        },
        value.BytesDone,
        value.BytesTotal);

    public static PhaseProgress Of(ExportProgress value) => new(
        value.Phase switch
        {
            ExportPhase.Waiting => "waiting for another export to the same place",
            ExportPhase.Checking => "checking",
            _ => "exporting",
        },
        value.BytesDone,
        value.BytesTotal);

    public static PhaseProgress Of(InspectionProgress value) => new(
        value.Phase switch
        {
            InspectionPhase.Measuring => "measuring",
            InspectionPhase.Comparing => "comparing",
            _ => "hashing",
        },
        value.BytesDone,
        value.BytesTotal);

    public static PhaseProgress Of(PrepareProgress value) => new(
        value.Phase switch
        {
            PreparePhase.Waiting => "waiting for another preparation of the same place",
            PreparePhase.Reading => "reading",
            _ => "tokenising",
        },
        value.BytesDone,
        value.BytesTotal);
}
