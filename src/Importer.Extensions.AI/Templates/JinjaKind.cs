namespace Importer.Extensions.AI.Templates;

/// <summary>The kinds of a template's parts.</summary>
internal enum JinjaKind
{
    Text,
    Output,
    Block,
}
