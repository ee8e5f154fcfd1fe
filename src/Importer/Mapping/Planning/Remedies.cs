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

        if (problems.Any(problem => problem is NoPrefixFits))
        {
            return $"These are not the keys of {mapping.Family}; choose the mapping of the model's own family, or write one.";
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

        return problems.Any(problem => problem is MissingTensor)
            ? "Check that all files of the checkpoint are there and belong to this configuration."
            : "Check that the files belong to this model; a tensor that is meant to be ignored needs a \"drop\" rule in the mapping.";
    }
}
