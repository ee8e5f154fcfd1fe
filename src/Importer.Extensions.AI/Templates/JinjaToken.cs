namespace Importer.Extensions.AI.Templates;

/// <summary>A token of an expression.</summary>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text);
