using Importer.Loading;
using Importer.Mapping;
using Importer.Mapping.Problems;
using Importer.Models;
using Importer.Sources;

namespace Importer.Inspection;

/// <summary>Whether a mapping and a model fit a checkpoint, and all that stands against it.</summary>
internal sealed record MappingFit
{
    /// <summary>The mapping that was found.</summary>
    public WeightMapping? Mapping { get; private init; }

    /// <summary>The plan; null where it does not fit.</summary>
    public LoadPlan? Plan { get; private init; }

    /// <summary>The configuration as the model reads it; null where it cannot be computed.</summary>
    public ModelConfig? Config { get; private init; }

    /// <summary>The class that computes the model.</summary>
    public string? ModelClass { get; private init; }

    /// <summary>What stands against it, a line each.</summary>
    public IReadOnlyList<string> Problems { get; private init; } = [];

    /// <summary>The same where the mapping says it, with its data.</summary>
    public IReadOnlyList<MappingProblem> Mismatches { get; private init; } = [];

    /// <summary>Looks for a mapping, a plan and a model.</summary>
    /// <exception cref="MappingTableException">The table in an imported directory is broken.</exception>
    public static MappingFit Of(ModelDirectory directory)
    {
        if (!directory.HasConfig)
        {
            return new MappingFit { Problems = ["there is no config.json beside the weights, so nothing tells what model they are"] };
        }

        List<string> problems = [];
        WeightMapping? mapping = null;
        LoadPlan? plan = null;
        IReadOnlyList<MappingProblem> mismatches = [];
        try
        {
            mapping = directory.FindMapping();
            plan = mapping.Compile(ModelConfigValues.From(directory.Config, directory.ConfigPath), directory.Weights.Tensors);
        }
        catch (CheckpointMismatchException e)
        {
            mismatches = e.Problems;
            problems.AddRange(e.Problems.Select(problem => problem.Text));
            if (e.OmittedProblems > 0)
            {
                problems.Add($"and {e.OmittedProblems} more");
            }
        }
        catch (NoMappingException e)
        {
            problems.AddRange(e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).SkipLast(1));
        }

        string? modelClass = null;
        ModelConfig? config = null;
        try
        {
            (var family, config) = ModelLoader.ReadConfig(directory);
            modelClass = family.ModelClass;
        }
        catch (ModelConfigException e)
        {
            problems.Add(e.Message);
        }
        catch (NoMappingException)
        {
            // Told already.
        }

        return new MappingFit { Mapping = mapping, Plan = plan, Config = config, ModelClass = modelClass, Problems = problems, Mismatches = mismatches };
    }
}
