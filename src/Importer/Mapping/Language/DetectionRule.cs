namespace Importer.Mapping.Language;

/// <summary>How a table recognises its family.</summary>
/// <param name="ModelTypes">The values of <c>model_type</c> that it takes; empty for any.</param>
/// <param name="Keys">Names that the checkpoint must hold, under the table's prefixes.</param>
internal sealed record DetectionRule(IReadOnlyList<string> ModelTypes, IReadOnlyList<Template> Keys);
