using System.Reflection;
using Importer.Mapping.Planning;
using Importer.Sources;

namespace Importer.Mapping;

/// <summary>The mappings that a program knows, and the choice of the one that a checkpoint needs.</summary>
public sealed class MappingCatalog
{
    private const string ResourcePrefix = "mappings/";

    private static readonly Lazy<MappingCatalog> BuiltInCatalog = new(LoadBuiltIn);

    /// <summary>A catalog of some mappings.</summary>
    /// <param name="mappings">The mappings; each family once.</param>
    /// <exception cref="ArgumentException">Two are for the same family.</exception>
    public MappingCatalog(IEnumerable<WeightMapping> mappings)
    {
        ArgumentNullException.ThrowIfNull(mappings);
        Mappings = [.. mappings];
        if (Mappings.GroupBy(mapping => mapping.Family, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"The family '{twice.Key}' has two mappings.", nameof(mappings));
        }
    }

    /// <summary>The mappings that come with this library: the files of <c>mappings/</c>, embedded.</summary>
    public static MappingCatalog BuiltIn => BuiltInCatalog.Value;

    /// <summary>The mappings, in order of family for <see cref="BuiltIn"/>.</summary>
    public IReadOnlyList<WeightMapping> Mappings { get; }

    /// <summary>This catalog with another mapping, which takes the place of the one for its family.</summary>
    /// <param name="mapping">The mapping, such as one that a user wrote.</param>
    public MappingCatalog With(WeightMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        return new MappingCatalog(Mappings.Where(known => known.Family != mapping.Family).Append(mapping));
    }

    /// <summary>The mapping of a family, or null.</summary>
    /// <param name="family">The family, such as <c>gpt2</c>.</param>
    public WeightMapping? Find(string family)
    {
        ArgumentNullException.ThrowIfNull(family);
        return Mappings.FirstOrDefault(mapping => mapping.Family == family);
    }

    /// <summary>
    /// The mapping that a checkpoint needs. Its keys decide, and <c>model_type</c> must not contradict them; where several
    /// families have the same keys, the shapes decide; where none of them fits, the one is returned against which least stands.
    /// Where no keys fit but <c>model_type</c> names families, the nearest of them is returned: compiling it will tell what is missing.
    /// </summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="tensors">All tensors of the checkpoint.</param>
    /// <exception cref="NoMappingException">None fits, or several do; what was tried is listed, the nearest first.</exception>
    public WeightMapping Find(ModelConfigValues config, IReadOnlyList<SourceTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tensors);
        HashSet<string> names = new(tensors.Select(tensor => tensor.Name), StringComparer.Ordinal);
        List<WeightMapping> ofType = [.. Mappings.Where(mapping => Detector.TakesType(mapping, config))];
        List<WeightMapping> fitting = [.. ofType.Where(mapping => Detector.HasKeys(mapping, names))];
        if (fitting.Count > 1)
        {
            List<WeightMapping> planned = [.. fitting.Where(mapping => Detector.Compiles(mapping, config, tensors))];
            return planned.Count == 1 ? planned[0]
                : planned.Count == 0 ? Detector.Nearest(fitting, config, tensors)
                : throw new NoMappingException(
                    "More than one mapping knows these keys, and the shapes do not tell which is meant"
                    + (config.ModelType is null ? $"; a model_type in {NameText.Plain(config.SourceName)} would tell:" : ":"),
                    Detector.Attempts(fitting, config, names, tensors),
                    tensors.Count);
        }

        if (fitting.Count == 1)
        {
            return fitting[0];
        }

        List<WeightMapping> named = [.. ofType.Where(mapping => Detector.NamesType(mapping, config))];
        return named.Count > 0
            ? Detector.Nearest(named, config, tensors)
            : throw new NoMappingException(
                "No mapping fits this checkpoint; tried, the nearest first:",
                Detector.Attempts(Mappings, config, names, tensors),
                tensors.Count);
    }

    /// <summary>
    /// The mapping of an imported directory: that of the family which its manifest names. Where it has no manifest, or one of a
    /// family that is not known here, the one for the configuration's <c>model_type</c>; where that is missing, or several families
    /// have it, the one that the names and shapes fit.
    /// </summary>
    /// <param name="config">The configuration in the imported directory.</param>
    /// <param name="tensors">All tensors of the imported directory.</param>
    /// <param name="family">The family in the directory's manifest; null where that cannot be asked.</param>
    /// <exception cref="NoMappingException">No mapping is for this <c>model_type</c>, or there is none and no mapping fits.</exception>
    public WeightMapping FindImported(ModelConfigValues config, IReadOnlyList<SourceTensor> tensors, string? family = null)
    {
        if (family is not null && Find(family) is { } known)
        {
            return known.ForImported();
        }

        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tensors);
        List<WeightMapping> ofType = [.. Mappings.Where(mapping => Detector.TakesType(mapping, config)).Select(mapping => mapping.ForImported())];
        WeightMapping? nearest = ofType.Count > 1 ? ofType.MinBy(mapping => Detector.Problems(mapping, config, tensors)) : ofType.FirstOrDefault();
        bool isTold = config.ModelType is not null || ofType.Count == 1 || (nearest is not null && Detector.Compiles(nearest, config, tensors));
        return nearest is not null && isTold
            ? nearest
            : throw new NoMappingException(
                config.ModelType is null
                    ? "The configuration has no model_type, so the mapping of these imported weights cannot be told:"
                    : $"No mapping is for model_type {NameText.Quote(config.ModelType)}:",
                [.. Mappings.Select(mapping => new MappingAttempt(mapping.Name, Detector.TypeReason(mapping, config), MatchedTensors: 0))],
                tensors: 0);
    }

    private static MappingCatalog LoadBuiltIn()
    {
        Assembly assembly = typeof(MappingCatalog).Assembly;
        return new MappingCatalog(assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(name =>
            {
                using Stream resource = assembly.GetManifestResourceStream(name)!;
                byte[] utf8 = new byte[resource.Length];
                resource.ReadExactly(utf8);
                return WeightMapping.ParseBuiltIn(utf8, name);
            })
            .OrderBy(mapping => mapping.Family, StringComparer.Ordinal));
    }
}
