namespace Importer.Mapping.Language;

/// <summary>Inside the parsers only: what is wrong with an expression, a shape or a template; becomes a problem with its place.</summary>
internal sealed class ExpressionSyntaxException(string reason) : Exception(reason);
