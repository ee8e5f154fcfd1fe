using Importer.Mapping;
using Importer.Sources;

namespace Importer.Inspection.Comparison;

/// <summary>One of two checkpoints, with its tensors by the names under which they are compared.</summary>
internal sealed class ComparisonSide : IDisposable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private ComparisonSide(ModelDirectory directory, string display, MappingFit fit)
    {
        Directory = directory;
        Display = display;
        Fit = fit;
    }

    public ModelDirectory Directory { get; }

    public MappingFit Fit { get; }

    /// <summary>Why the table that was given is not the one it is read by; null where it is, or none was given.</summary>
    public string? Misfit { get; private init; }

    /// <summary>What it is called in a result.</summary>
    public string Display { get; }

    /// <summary>The names, in the order of the checkpoint.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="idOrPath">A directory, a weights file, or a model's id on the hub, which is downloaded.</param>
    /// <param name="mapping">A table to read it by where it fits; null for its own.</param>
    /// <param name="hub">How the hub is reached.</param>
    /// <param name="cancellationToken">Stops a download.</param>
    public static async Task<ComparisonSide> OpenAsync(string idOrPath, string? mapping, HubAccess? hub, CancellationToken cancellationToken)
    {
        var located = await ModelLocator.LocateAsync(idOrPath, hub, cancellationToken).ConfigureAwait(false);
        var directory = ModelDirectory.Open(located, needsConfig: false);
        try
        {
            string display = SourceName.Of(directory, idOrPath);
            if (mapping is null)
            {
                return new ComparisonSide(directory, display, MappingFit.Of(directory));
            }

            directory.UseMapping(mapping);
            var fit = MappingFit.Of(directory);
            if (fit.Plan is not null)
            {
                return new ComparisonSide(directory, display, fit);
            }

            directory.UseMapping(null);
            return new ComparisonSide(directory, display, MappingFit.Of(directory)) { Misfit = fit.Problems[0] };
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Names the tensors as they are stored.</summary>
    public void UseStoredNames()
    {
        foreach (var tensor in Directory.Weights.Tensors)
        {
            _entries.TryAdd(tensor.Name, new Entry(new ComparedTensor(tensor.Name, tensor.DType, tensor.Shape), tensor, null));
        }
    }

    /// <summary>Names the tensors by the parameters that they fill.</summary>
    public void UseParameters()
    {
        foreach (var row in Fit.Plan!.Rows)
        {
            string stored = string.Join(" + ", row.Sources.Select(source => source.Name));
            _entries.Add(row.Target, new Entry(new ComparedTensor(stored, row.DType, row.Shape), null, row));
        }
    }

    public bool Has(string name) => _entries.ContainsKey(name);

    public ComparedTensor Tensor(string name) => _entries[name].Tensor;

    /// <summary>Opens a tensor's elements.</summary>
    public TensorElements Open(string name, CancellationToken cancellationToken) => _entries[name] is { Row: { } row }
        ? TensorElements.Planned(Directory.Weights, row, cancellationToken)
        : TensorElements.Stored(Directory.Weights, _entries[name].Stored!);

    /// <summary>The bytes that comparing a tensor reads.</summary>
    public long Bytes(string name) => _entries[name] is { Row: { } row } ? row.ByteCount : _entries[name].Stored!.ByteCount;

    public void Dispose() => Directory.Dispose();

    private sealed record Entry(ComparedTensor Tensor, SourceTensor? Stored, PlanRow? Row);
}
