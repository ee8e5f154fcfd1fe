using Importer.Mapping;
using Importer.Mapping.Problems;
using Importer.Sources;

namespace Importer.Inspection;

/// <summary>What becomes of each tensor, looked up by its name.</summary>
internal sealed class TensorFates
{
    private readonly Dictionary<string, List<PlanRow>> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PlannedTie> _ties = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DroppedTensor> _dropped = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (TensorFate Fate, string Text)> _misfits = new(StringComparer.Ordinal);

    public TensorFates(MappingFit fit)
    {
        foreach (var row in fit.Plan?.Rows ?? [])
        {
            foreach (var source in row.Sources)
            {
                if (!_rows.TryGetValue(source.Name, out var rows))
                {
                    _rows[source.Name] = rows = [];
                }

                rows.Add(row);
            }
        }

        foreach (var tie in (fit.Plan?.Ties ?? []).Where(tie => tie.StoredAs is not null))
        {
            _ties[tie.StoredAs!] = tie;
        }

        foreach (var dropped in fit.Plan?.Dropped ?? [])
        {
            _dropped[dropped.Source.Name] = dropped;
        }

        foreach (var problem in fit.Mismatches)
        {
            var (name, fate) = problem switch
            {
                UnexpectedTensor unexpected => (unexpected.Tensor.Name, TensorFate.Unexpected),
                WrongShape wrong => (wrong.Name, TensorFate.Misfit),
                UnsupportedDType unsupported => (unsupported.Name, TensorFate.Misfit),
                _ => (null, default),
            };
            if (name is not null)
            {
                _misfits[name] = (fate, problem.Text);
            }
        }
    }

    /// <summary>Describes a tensor.</summary>
    public InspectedTensor Describe(SourceTensor tensor)
    {
        var described = new InspectedTensor
        {
            Tensor = tensor,
            Elements = tensor.Shape.Aggregate(1L, (product, size) => product * size),
            Layer = LayerNames.Of(tensor.Name),
        };
        if (_rows.TryGetValue(tensor.Name, out var rows))
        {
            return described with
            {
                Fate = TensorFate.Loaded,
                Parameters = [.. rows.Select(row => row.Target)],
                Operation = rows[0].Operation.Text,
                ConvertedTo = rows[0].DType == tensor.DType ? null : rows[0].DType,
            };
        }

        if (_ties.TryGetValue(tensor.Name, out var tie))
        {
            return described with
            {
                Fate = TensorFate.Tied,
                Parameters = [tie.Target],
                Reason = tie.Check is null ? $"the same bytes as {NameText.Plain(tie.To)}" : $"must equal {NameText.Plain(tie.To)}",
            };
        }

        return _dropped.TryGetValue(tensor.Name, out var dropped) ? described with { Fate = TensorFate.Dropped, Reason = dropped.Reason }
            : _misfits.TryGetValue(tensor.Name, out var misfit) ? described with { Fate = misfit.Fate, Reason = misfit.Text }
            : described;
    }
}
