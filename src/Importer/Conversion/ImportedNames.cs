using Importer.Sources;

namespace Importer.Conversion;

/// <summary>The names that an import gives to files; whatever else is found in an imported directory is somebody else's.</summary>
internal static class ImportedNames
{
    /// <summary>The weights.</summary>
    public const string Weights = "model.safetensors";

    /// <summary>The configuration.</summary>
    public const string Config = "config.json";

    private static readonly HashSet<string> All = [Weights, ImportManifest.FileName, ModelDirectory.MappingName, .. ModelDirectory.CompanionNames];

    /// <summary>Whether an import may have made a file of that name.</summary>
    public static bool Contains(string name) => All.Contains(name);
}
