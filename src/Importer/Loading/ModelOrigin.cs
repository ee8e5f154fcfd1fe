using Importer.Conversion;
using Importer.Mapping;
using Importer.Models;
using Importer.Sources;

namespace Importer.Loading;

/// <summary>Where a model came from: what of its checkpoint is no parameter.</summary>
/// <param name="Directory">The directory that was loaded.</param>
/// <param name="ConfigText">The object of its config.json, or nanoGPT's <c>model_args</c>.</param>
/// <param name="Stored">What that says, before the caller's options changed it.</param>
/// <param name="Family">The table that it was read by.</param>
/// <param name="Prefix">What the keys began with, those of the original where it is an import; null where nobody knows.</param>
/// <param name="Companions">The full paths of the files beside the weights that belong to the model, config.json not among them.</param>
internal sealed record ModelOrigin(
    string Directory, string ConfigText, ModelConfig Stored, string Family, string? Prefix, IReadOnlyList<string> Companions)
{
    /// <summary>The origin of what a plan loads from a directory.</summary>
    public static ModelOrigin Of(ModelDirectory directory, ModelConfig stored, LoadPlan plan) => new(
        directory.Path,
        directory.Config.GetRawText(),
        stored,
        plan.Mapping.Family,
        directory.IsImported && !directory.IsRemote ? ImportManifest.TryRead(directory.PathOf(ImportManifest.FileName))?.Mapping.Prefix : directory.IsImported ? null : plan.Prefix,
        [.. directory.CompanionFiles.Where(name => name != ImportedNames.Config).Select(directory.PathOf)]);
}
