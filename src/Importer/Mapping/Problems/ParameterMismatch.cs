namespace Importer.Mapping.Problems;

/// <summary>The parameters that the mapping fills and those that the model has are not the same.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Mapped">The shape that the mapping gives it; null where the mapping does not fill it.</param>
/// <param name="Model">The shape that the model has; null where the model has no such parameter.</param>
public sealed record ParameterMismatch(string Parameter, IReadOnlyList<long>? Mapped, IReadOnlyList<long>? Model) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text => (Mapped, Model) switch
    {
        (null, { } model) => $"not filled: the model's parameter {NameText.Quote(Parameter)} {ShapeText.Of(model)} has no rule",
        ({ } mapped, null) => $"no such parameter: {NameText.Quote(Parameter)} {ShapeText.Of(mapped)} is mapped but not in the model",
        ({ } mapped, { } model) =>
            $"wrong shape: the mapping makes {NameText.Quote(Parameter)} {ShapeText.Of(mapped)}, the model has {ShapeText.Of(model)}",
        _ => $"{NameText.Quote(Parameter)} is neither mapped nor in the model",
    };

    internal override (string One, string Many) Kind =>
        ("parameter that does not match the model", "parameters that do not match the model");
}
