namespace Importer.Export;

/// <summary>What an export found and did.</summary>
public enum ExportOutcome
{
    /// <summary>There was nothing; the directory was made.</summary>
    Exported,

    /// <summary>An earlier export was there, and <see cref="ExportOptions.Force"/> had it replaced.</summary>
    Replaced,
}
