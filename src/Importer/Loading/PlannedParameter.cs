using Importer.Mapping;
using Importer.Transfer;

namespace Importer.Loading;

/// <summary>A parameter that is to be loaded: a row of the plan, and how many rows of its first dimension are wanted.</summary>
/// <param name="Row">Where it comes from.</param>
/// <param name="Rows">Rows of the first dimension; fewer than the row's shape has when the parameter is cropped.</param>
internal sealed record PlannedParameter(PlanRow Row, long Rows)
{
    /// <summary>Bytes of the checkpoint that it takes to fill the parameter.</summary>
    public long BytesToRead => IsCropped ? SourcePanel.Cut(Row, Rows).Sum(panel => panel.WantedBytes) : Row.BytesToRead;

    /// <summary>The parameter's name.</summary>
    public string Name => Row.Target;

    /// <summary>The parameter's shape, cropped.</summary>
    public long[] Shape => Row.Shape.Count == 0 ? [] : [Rows, .. Row.Shape.Skip(1)];

    /// <summary>Elements of the parameter.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether fewer rows are wanted than the checkpoint has.</summary>
    public bool IsCropped => Row.Shape.Count > 0 && Rows != Row.Shape[0];
}
