namespace Importer.Extensions.AI.Templates;

/// <summary>A part of a template: text, the inside of {{ }} or that of {% %}.</summary>
internal readonly record struct JinjaPart(JinjaKind Kind, string Content);
