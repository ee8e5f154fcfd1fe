using System.Text.Json.Nodes;
using Importer.Conversion;

namespace Importer.Cli.Output;

/// <summary>The end of an import for machines.</summary>
internal static class ResultJson
{
    public static string Render(ImportResult result) => JsonOutput.Render(new JsonObject
    {
        ["outcome"] = ResultText.Name(result.Outcome),
        ["directory"] = result.Directory,
        ["family"] = result.Manifest.Mapping.Family,
        ["dtype"] = result.Manifest.DType,
        ["tensors"] = result.Manifest.Tensors,
        ["parameters"] = result.Plan.Totals.Parameters,
        ["files"] = new JsonArray([.. result.Manifest.Files.Select(file => (JsonNode)new JsonObject
        {
            ["name"] = file.Name, ["size"] = file.Size, ["sha256"] = file.Sha256,
        })]),
        ["notes"] = JsonOutput.Texts(result.Notes),
        ["seconds"] = Math.Round(result.Elapsed.TotalSeconds, 3),
    });
}
