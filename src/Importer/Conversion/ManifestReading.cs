namespace Importer.Conversion;

/// <summary>A manifest as it was found.</summary>
/// <param name="State">What it is worth.</param>
/// <param name="Manifest">The manifest, when it is valid.</param>
/// <param name="Problem">What is wrong with it, in words, when it is damaged or newer.</param>
internal sealed record ManifestReading(ManifestState State, ImportManifest? Manifest = null, string Problem = "");
