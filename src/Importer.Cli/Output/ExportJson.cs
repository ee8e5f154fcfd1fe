using System.Text.Json.Nodes;
using Importer.Export;
using SafeTensorSharp;

namespace Importer.Cli.Output;

/// <summary>An export for machines.</summary>
internal static class ExportJson
{
    /// <summary>What it would do: every tensor.</summary>
    public static JsonObject Plan(ExportPreview export)
    {
        var plan = export.Plan;
        return new JsonObject
        {
            ["source"] = export.Source,
            ["target"] = export.Target,
            ["format"] = ExportText.Name(export.Format),
            ["files"] = JsonOutput.Texts(export.Files),
            ["mapping"] = new JsonObject { ["family"] = plan.Mapping.Name, ["version"] = plan.Mapping.Version, ["prefix"] = plan.Prefix },
            ["tensors"] = new JsonArray([.. plan.Rows.Select(row => (JsonNode)new JsonObject
            {
                ["name"] = row.Target,
                ["shape"] = JsonOutput.Numbers(row.Shape),
                ["dtype"] = DTypes.Name(row.DType),
                ["bytes"] = row.ByteCount,
                ["op"] = row.Operation.Text,
                ["lossy"] = row.IsLossy,
                ["rule"] = row.Rule.ToString(),
                ["parameters"] = new JsonArray([.. row.Sources.Select(source => (JsonNode)new JsonObject
                {
                    ["name"] = source.Name, ["shape"] = JsonOutput.Numbers(source.Shape), ["dtype"] = DTypes.Name(source.DType),
                })]),
            })]),
            ["generated"] = new JsonArray([.. plan.Generated.Select(tensor => (JsonNode)new JsonObject
            {
                ["name"] = tensor.Name, ["shape"] = JsonOutput.Numbers(tensor.Shape), ["dtype"] = DTypes.Name(tensor.DType), ["bytes"] = tensor.ByteCount,
            })]),
            ["notes"] = JsonOutput.Texts(export.Notes),
            ["parameters"] = export.Parameters,
            ["bytes_to_write"] = export.BytesToWrite,
            ["memory_while_exporting"] = export.WorkingBytes,
        };
    }

    /// <summary>What it did.</summary>
    public static string Result(ExportResult result) => JsonOutput.Render(new JsonObject
    {
        ["outcome"] = ExportText.Name(result.Outcome),
        ["directory"] = result.Directory,
        ["format"] = ExportText.Name(result.Format),
        ["family"] = result.Plan.Mapping.Family,
        ["dtypes"] = JsonOutput.Texts(result.Plan.Rows.Select(row => DTypes.Name(row.DType)).Distinct()),
        ["tensors"] = result.Plan.Rows.Count + result.Plan.Generated.Count,
        ["parameters"] = result.Parameters,
        ["files"] = new JsonArray([.. result.Files.Select(file => (JsonNode)new JsonObject { ["name"] = file.Name, ["size"] = file.Size })]),
        ["notes"] = JsonOutput.Texts(result.Notes),
        ["seconds"] = Math.Round(result.Elapsed.TotalSeconds, 3),
    });
}
