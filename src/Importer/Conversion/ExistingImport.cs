namespace Importer.Conversion;

/// <summary>What stands at the place of an import, compared with what would be put there.</summary>
internal sealed record ExistingImport
{
    public required ExistingImportState State { get; init; }

    /// <summary>What is different or damaged, in words.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    public ImportManifest? Manifest { get; init; }

    /// <summary>The source's files with their hashes, where they had to be hashed for the comparison.</summary>
    public IReadOnlyList<ImportFile>? SourceFiles { get; init; }
}
