using Importer.Mapping.Language;
using Importer.Mapping.Problems;
using Importer.Sources;

namespace Importer.Mapping.Planning;

/// <summary>Whether a mapping recognises a checkpoint.</summary>
internal static class Detector
{
    /// <summary>Whether the configuration's model type is one of the mapping's; a configuration without one contradicts nothing.</summary>
    internal static bool TakesType(WeightMapping mapping, ModelConfigValues config) =>
        config.ModelType is null || mapping.Table.Detection.ModelTypes.Count == 0 || NamesType(mapping, config);

    internal static bool NamesType(WeightMapping mapping, ModelConfigValues config) =>
        config.ModelType is { } type && mapping.Table.Detection.ModelTypes.Contains(type, StringComparer.Ordinal);

    /// <summary>Whether all keys by which the family is recognised are there under one prefix.</summary>
    internal static bool HasKeys(WeightMapping mapping, HashSet<string> names) =>
        KeyPrefix.Candidates(mapping.Table).Any(prefix =>
            mapping.Table.Detection.Keys.All(key => names.Contains(prefix.Before(key) + key.Parts[0].Literal)));

    internal static bool Compiles(WeightMapping mapping, ModelConfigValues config, IReadOnlyList<SourceTensor> tensors) =>
        Problems(mapping, config, tensors) == 0;

    /// <summary>How much stands against a mapping: 0 where it fits.</summary>
    internal static int Problems(WeightMapping mapping, ModelConfigValues config, IReadOnlyList<SourceTensor> tensors)
    {
        try
        {
            _ = mapping.Compile(config, tensors);
            return 0;
        }
        catch (CheckpointMismatchException e)
        {
            // A configuration without what a mapping needs is another dialect's, however little the rest says.
            return e.Problems.Any(problem => problem is ConfigValueMissing) ? int.MaxValue : e.Problems.Count + e.OmittedProblems;
        }
    }

    /// <summary>Of mappings that all do not fit the one whose layout the tensors have, or else against which least stands.</summary>
    internal static WeightMapping Nearest(
        IReadOnlyList<WeightMapping> mappings, ModelConfigValues config, IReadOnlyList<SourceTensor> tensors)
    {
        return mappings.MinBy(Problems)!;

        (int Conflicts, bool Unbound, int Count) Problems(WeightMapping mapping)
        {
            int conflicts = Diagnosis.Conflicts(mapping.Table, config, tensors);
            try
            {
                _ = mapping.Compile(config, tensors);
                return (conflicts, false, 0);
            }
            catch (CheckpointMismatchException exception)
            {
                return (conflicts, exception.Prefix is null, exception.Problems.Count + exception.OmittedProblems);
            }
        }
    }

    /// <summary>Why each mapping was not chosen, the one that knows most of the keys first.</summary>
    internal static IReadOnlyList<MappingAttempt> Attempts(
        IEnumerable<WeightMapping> mappings, ModelConfigValues config, HashSet<string> names, IReadOnlyList<SourceTensor> tensors) =>
        [.. mappings.Select(mapping => new MappingAttempt(
                mapping.Name, Reason(mapping, config, names), NameForms.Nearest(mapping.Table, tensors).Matches))
            .OrderByDescending(attempt => attempt.MatchedTensors)];

    internal static string TypeReason(WeightMapping mapping, ModelConfigValues config) =>
        $"it is for model_type {string.Join(" or ", mapping.Table.Detection.ModelTypes.Select(NameText.Quote))},"
        + $" not {(config.ModelType is { } type ? NameText.Quote(type) : "for none")}";

    private static string Reason(WeightMapping mapping, ModelConfigValues config, HashSet<string> names)
    {
        DetectionRule detection = mapping.Table.Detection;
        if (!TakesType(mapping, config))
        {
            return TypeReason(mapping, config);
        }

        return HasKeys(mapping, names)
            ? "its keys are there"
            : $"there is no {string.Join(", ", detection.Keys.Select(key => NameText.Quote(key.Text)))} under any of its prefixes";
    }
}
