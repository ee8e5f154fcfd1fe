using System.Text.Json.Nodes;
using Importer.Conversion;
using Importer.Mapping;
using SafeTensorSharp;

namespace Importer.Cli.Output;

/// <summary>A plan for machines: every row.</summary>
internal static class PlanJson
{
    public static JsonObject Of(ImportPlan import)
    {
        var plan = import.Plan;
        var totals = plan.Totals;
        return new JsonObject
        {
            ["source"] = import.Source,
            ["files"] = JsonOutput.Texts(import.Files),
            ["target"] = import.Target,
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
                ["piece"] = row.Piece,
                ["sources"] = Sources(row),
            })]),
            ["tied"] = new JsonObject(plan.Ties.Select(tie => KeyValuePair.Create(tie.Target, (JsonNode?)tie.To))),
            ["dropped"] = new JsonArray([.. plan.Dropped.Select(dropped => (JsonNode)new JsonObject
            {
                ["name"] = dropped.Source.Name, ["bytes"] = dropped.Source.ByteCount, ["reason"] = dropped.Reason,
            })]),
            ["warnings"] = JsonOutput.Texts(plan.Warnings),
            ["parameters"] = totals.Parameters,
            ["bytes_of_headers"] = import.HeaderBytes,
            ["bytes_to_read"] = totals.BytesToRead,
            ["bytes_to_skip"] = totals.BytesToSkip,
            ["bytes_to_write"] = totals.BytesToWrite,
            ["memory_of_model"] = totals.BytesToWrite,
            ["memory_while_importing"] = import.WorkingBytes,
        };
    }

    /// <summary>The tensors of a checkpoint that a row is made of.</summary>
    public static JsonArray Sources(PlanRow row) => new([.. row.Sources.Select(source => (JsonNode)new JsonObject
    {
        ["name"] = source.Name,
        ["shape"] = JsonOutput.Numbers(source.Shape),
        ["dtype"] = DTypes.Name(source.DType),
        ["file"] = source.File,
        ["offset"] = source.Offset,
        ["bytes"] = source.ByteCount,
    })]);
}
