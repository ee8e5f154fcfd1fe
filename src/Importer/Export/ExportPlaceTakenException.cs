namespace Importer.Export;

/// <summary>Where an export is to be made there is something already, which is left alone.</summary>
public sealed class ExportPlaceTakenException : PretrainedException
{
    internal ExportPlaceTakenException(string directory, string finding, string remedy)
        : base($"{DisplayText.Escape(directory)} is there already: {DisplayText.Escape(finding)}", remedy)
    {
        Directory = directory;
        Finding = finding;
    }

    /// <summary>The place.</summary>
    public string Directory { get; }

    /// <summary>What is there, in a few words.</summary>
    public string Finding { get; }
}
