namespace Importer.Extensions.AI.Templates;

/// <summary>Computes an expression's value.</summary>
internal delegate object? JinjaExpression(JinjaScope scope);
