namespace Importer.Conversion;

/// <summary>What a directory's manifest is worth.</summary>
internal enum ManifestState
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>It is whole and consistent.</summary>
    Valid,

    /// <summary>It cannot be read or contradicts itself.</summary>
    Damaged,

    /// <summary>A newer version of the program wrote it, in a format that this one does not know.</summary>
    Newer,
}
