namespace Importer.Extensions.AI.Templates;

/// <summary>What a token is.</summary>
internal enum JinjaTokenKind
{
    Name,
    Number,
    Text,
    Sign,
    End,
}
