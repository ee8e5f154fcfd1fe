using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Importer.Training.Data;

namespace Importer.Cli.Output;

/// <summary>The end of a preparation.</summary>
internal static class PrepareOutput
{
    /// <summary>For people.</summary>
    public static string Text(PrepareResult result)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        var meta = result.Meta;
        text.AppendLine(culture, $"{Name(result.Outcome)}: {TerminalText.Line(result.Directory)}");
        foreach (string note in result.Notes)
        {
            text.AppendLine(culture, $"  note      {TerminalText.Line(note)}");
        }

        text.AppendLine(culture, $"  text      {Units.Bytes(meta.Source.Bytes)}, {Units.Count(meta.Source.Characters, "character")}, {Units.Count(meta.Source.Documents, "document")}");
        text.AppendLine(culture, $"  tokenizer {meta.Tokenizer.Kind}, {Units.Count(meta.VocabSize, "id")}, {meta.DType}");
        text.AppendLine(culture, $"  train     {Units.Count(meta.Train.Tokens, "token")}");
        text.AppendLine(culture, $"  val       {Units.Count(meta.Val.Tokens, "token")}");
        text.AppendLine(culture, $"  time      {Units.Time(result.Elapsed)}");
        return TerminalText.Lines(text.ToString());
    }

    /// <summary>For machines.</summary>
    public static string Json(PrepareResult result) => JsonOutput.Render(new JsonObject
    {
        ["outcome"] = Name(result.Outcome),
        ["directory"] = result.Directory,
        ["vocab_size"] = result.Meta.VocabSize,
        ["dtype"] = result.Meta.DType,
        ["tokenizer"] = new JsonObject { ["kind"] = result.Meta.Tokenizer.Kind, ["sha256"] = result.Meta.Tokenizer.Sha256, ["eos"] = result.Meta.Tokenizer.Eos },
        ["train"] = new JsonObject { ["tokens"] = result.Meta.Train.Tokens, ["sha256"] = result.Meta.Train.Sha256 },
        ["val"] = new JsonObject { ["tokens"] = result.Meta.Val.Tokens, ["sha256"] = result.Meta.Val.Sha256 },
        ["split_rule"] = result.Meta.SplitRule,
        ["source"] = new JsonObject
        {
            ["name"] = result.Meta.Source.Name,
            ["files"] = result.Meta.Source.Files,
            ["bytes"] = result.Meta.Source.Bytes,
            ["characters"] = result.Meta.Source.Characters,
            ["documents"] = result.Meta.Source.Documents,
            ["sha256"] = result.Meta.Source.Sha256,
        },
        ["notes"] = JsonOutput.Texts(result.Notes),
        ["seconds"] = Math.Round(result.Elapsed.TotalSeconds, 3),
    });

    private static string Name(PrepareOutcome outcome) => outcome switch
    {
        PrepareOutcome.UpToDate => "up to date",
        PrepareOutcome.Replaced => "replaced",
        _ => "prepared",
    };
}
