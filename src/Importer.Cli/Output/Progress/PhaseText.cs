using Importer.Conversion;
using Importer.Inspection;

namespace Importer.Cli.Output.Progress;

/// <summary>What the phases of an import, and of looking at data, are called.</summary>
internal static class PhaseText
{
    public static string Of(ImportPhase phase) => phase switch
    {
        ImportPhase.Waiting => "waiting for another import to the same place",
        ImportPhase.Checking => "checking",
        _ => "importing",
    };

    public static string Of(InspectionPhase phase) => phase switch
    {
        InspectionPhase.Measuring => "measuring",
        InspectionPhase.Comparing => "comparing",
        _ => "hashing",
    };
}
