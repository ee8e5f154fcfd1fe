namespace Importer.Conversion;

/// <summary>What stands at the place of an import.</summary>
internal enum ExistingImportState
{
    /// <summary>Nothing, or an empty directory.</summary>
    Absent,

    /// <summary>This import, every file as its manifest says.</summary>
    Intact,

    /// <summary>This import, with files damaged or missing.</summary>
    Damaged,

    /// <summary>An import of something else, or made in another way.</summary>
    Different,

    /// <summary>No import at all.</summary>
    Foreign,
}
