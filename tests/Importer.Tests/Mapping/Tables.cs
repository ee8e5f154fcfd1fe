using System.Text;
using Importer.Mapping;
using Importer.Mapping.Problems;

namespace Importer.Tests.Mapping;

/// <summary>Small tables for tests.</summary>
internal static class Tables
{
    /// <summary>A table of a few lines; each part may be replaced.</summary>
    public static string Text(
        string map = """["a.{i}.weight", "a.{i}.weight", "D F"]""", string config = """ "L": "n_layer", "D": "d", "F": "f" """,
        string index = """ "i": "L" """, string set = "", string tie = "", string drop = "", string has = "a.0.weight",
        string prefix = "\"\"", string wrapper = "\"\"", string extra = "", string family = "test", string types = "\"test\"") =>
        $$"""
        {
          "schema": "llmap/1", "family": "{{family}}", "version": "1.0", {{extra}}
          "detect": { "model_type": [{{types}}], "has": ["{{has}}"] },
          "config": { {{config}} },
          "wrapper": [{{wrapper}}], "prefix": [{{prefix}}],
          "index": { {{index}} }, "set": { {{set}} },
          "map": [ {{map}} ],
          "tie": [ {{tie}} ],
          "drop": [ {{drop}} ]
        }
        """;

    public static WeightMapping Parse(string text) => WeightMapping.Parse(Encoding.UTF8.GetBytes(text), "test.json");

    public static IReadOnlyList<TableProblem> Check(string text) => WeightMapping.Check(Encoding.UTF8.GetBytes(text), "test.json");

    /// <summary>The one problem that a table has.</summary>
    public static TableProblem TheProblem(string text) => Assert.Single(Check(text));
}
