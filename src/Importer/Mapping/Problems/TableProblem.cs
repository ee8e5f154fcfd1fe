namespace Importer.Mapping.Problems;

/// <summary>The mapping table itself is wrong.</summary>
/// <param name="Table">The file or resource.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in characters, from 1.</param>
/// <param name="Path">Where in the document, such as <c>map[3].shape</c>; empty for the whole.</param>
/// <param name="Reason">What is wrong and what would be right.</param>
public sealed record TableProblem(string Table, int Line, int Column, string Path, string Reason) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text => $"{NameText.Plain(Table)}({Line},{Column}): {(Path.Length == 0 ? "" : Path + ": ")}{Reason}";

    internal override (string One, string Many) Kind => ("error in the table", "errors in the table");
}
