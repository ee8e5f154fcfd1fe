using System.Text.Json.Nodes;
using Importer.Conversion;
using Importer.Mapping;
using Importer.Mapping.Problems;
using SafeTensorSharp;

namespace Importer.Cli.Output;

/// <summary>Mapping tables for machines.</summary>
internal static class MappingJson
{
    public static string List(IReadOnlyList<WeightMapping> mappings) => JsonOutput.Render(new JsonObject
    {
        ["mappings"] = new JsonArray([.. mappings.Select(mapping => (JsonNode)Describe(mapping))]),
    });

    public static string Faults(string table, IReadOnlyList<TableProblem> problems) => JsonOutput.Render(new JsonObject
    {
        ["valid"] = false,
        ["table"] = table,
        ["problems"] = new JsonArray([.. problems.Select(problem => (JsonNode)new JsonObject
        {
            ["line"] = problem.Line, ["column"] = problem.Column, ["path"] = problem.Path, ["reason"] = problem.Reason,
        })]),
    });

    public static string Checked(WeightMapping mapping, ImportPlan? plan)
    {
        var document = Describe(mapping);
        document["valid"] = true;
        if (plan is not null)
        {
            document["against"] = new JsonObject
            {
                ["source"] = plan.Source,
                ["tensors"] = plan.Plan.Totals.Tensors,
                ["tied"] = plan.Plan.Ties.Count,
                ["dropped"] = plan.Plan.Dropped.Count,
            };
        }

        return JsonOutput.Render(document);
    }

    public static string Explained(TensorExplanation explanation) => JsonOutput.Render(new JsonObject
    {
        ["name"] = explanation.Name,
        ["fate"] = MappingText.FateOf(explanation),
        ["is_source"] = explanation.IsSource,
        ["is_parameter"] = explanation.IsParameter,
        ["reason"] = explanation.Reason,
        ["mapping"] = explanation.Mapping.Name,
        ["version"] = explanation.Mapping.Version,
        ["table"] = explanation.Mapping.SourceName,
        ["prefix"] = explanation.Prefix,
        ["rule"] = explanation.Rule?.Path,
        ["line"] = explanation.Rule?.Line,
        ["text"] = explanation.RuleText,
        ["rows"] = new JsonArray([.. explanation.Rows.Select(row => (JsonNode)new JsonObject
        {
            ["name"] = row.Target,
            ["shape"] = JsonOutput.Numbers(row.Shape),
            ["dtype"] = DTypes.Name(row.DType),
            ["op"] = row.Operation.Text,
            ["piece"] = row.Piece,
            ["lossy"] = row.IsLossy,
            ["sources"] = PlanJson.Sources(row),
        })]),
        ["nearest"] = JsonOutput.Texts(explanation.Nearest),
    });

    private static JsonObject Describe(WeightMapping mapping) => new()
    {
        ["family"] = mapping.Family,
        ["version"] = mapping.Version,
        ["title"] = mapping.Title,
        ["model_types"] = JsonOutput.Texts(mapping.ModelTypes),
        ["table"] = mapping.SourceName,
        ["sha256"] = mapping.Sha256,
    };
}
