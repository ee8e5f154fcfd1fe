namespace Importer.Mapping.Language;

/// <summary>A piece of a template: literal text, or the place of a variable in the rule's list.</summary>
internal sealed record TemplatePart(string? Literal, int Variable)
{
    internal static TemplatePart Text(string literal) => new(literal, -1);

    internal static TemplatePart Of(int variable) => new(null, variable);
}
