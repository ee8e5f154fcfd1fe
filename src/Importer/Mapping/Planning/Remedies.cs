using Importer.Mapping.Problems;

namespace Importer.Mapping.Planning;

/// <summary>Ends a report with what to do, chosen by the most telling problem.</summary>
internal static class Remedies
{
    internal static CheckpointMismatchException Mismatch(WeightMapping mapping, string? prefix, ProblemList problems)
    {
        IReadOnlyList<MappingProblem> ordered = problems.InOrder();
        return new CheckpointMismatchException(mapping, prefix, ordered, problems.Omitted, For(mapping, ordered));
    }

    private static string For(WeightMapping mapping, IReadOnlyList<MappingProblem> problems)
    {
        if (problems.Any(problem => problem is ConfigContradiction))
        {
            return "Use the config.json that was saved with these weights, or correct it: it must describe the tensors as they are.";
        }

        if (problems.Any(problem => problem is ConfigValueMissing or ConfigValueInvalid or ExpansionTooLarge))
        {
            return "Correct the configuration, or fetch it again from where the weights came from.";
        }

        if (mapping.IsImportedLayout)
        {
            return "The imported directory is not what its manifest says; import the model again.";
        }

        if (problems.Any(problem => problem is WrongShape { LooksTransposed: true }))
        {
            return "Matrices that look transposed come from a checkpoint in Linear layout (nanoGPT, or one imported before); "
                + "use the mapping for that layout.";
        }

        return problems[0] switch
        {
            NoPrefixFits { Examples.Count: 0 } => "The weights are empty; fetch or copy them again.",
            NoPrefixFits => $"These are not the keys of {mapping.Family}; choose the mapping of the model's own family, or write one.",
            ConflictingPrefix => "Take the model that is meant out of the file and save it on its own.",
            MissingTensor => "Check that all files of the checkpoint are there and belong to this configuration.",
            UnexpectedTensor =>
                "Check that the files belong to this model; a tensor that is to be ignored needs a \"drop\" rule in the mapping.",
            BrokenTie { Keys: [var key, ..] } => $"If the two are parameters of their own, set {key} in the configuration accordingly.",
            UnsupportedDType => "Save the checkpoint with parameters of one of these types.",
            DuplicateSource => "A key may occur once; fetch or make the files again.",
            _ => "Check that the files belong to this model and to this configuration.",
        };
    }
}
