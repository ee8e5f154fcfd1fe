using Importer.Conversion;

namespace Importer.Cli.Output.Progress;

/// <summary>What the phases of an import are called.</summary>
internal static class PhaseText
{
    public static string Of(ImportPhase phase) => phase switch
    {
        ImportPhase.Waiting => "waiting for another import to the same place",
        ImportPhase.Checking => "checking",
        _ => "importing",
    };
}
