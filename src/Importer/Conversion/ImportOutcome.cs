namespace Importer.Conversion;

/// <summary>What an import found and did.</summary>
public enum ImportOutcome
{
    /// <summary>There was nothing; the directory was made.</summary>
    Imported,

    /// <summary>The directory was there, from the same source, and every file in it is intact; nothing was written.</summary>
    UpToDate,

    /// <summary>The directory was there, from the same source, but files were damaged or missing; it was made anew.</summary>
    Repaired,

    /// <summary>The directory was there and differed, and <see cref="ImportOptions.Force"/> had it replaced.</summary>
    Replaced,
}
