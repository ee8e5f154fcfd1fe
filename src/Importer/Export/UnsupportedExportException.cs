namespace Importer.Export;

/// <summary>The layout that was asked for cannot express the model: what would be written would compute something else.</summary>
public sealed class UnsupportedExportException : PretrainedException
{
    internal UnsupportedExportException(string source, string format, IReadOnlyList<string> problems, string remedy)
        : base($"{DisplayText.Escape(source)} cannot be written for {format}: {string.Join("; ", problems)}", remedy)
    {
        ModelSource = source;
        Problems = problems;
    }

    /// <summary>The model.</summary>
    public string ModelSource { get; }

    /// <summary>What the layout cannot express, each in a few words.</summary>
    public IReadOnlyList<string> Problems { get; }
}
