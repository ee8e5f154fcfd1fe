using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CheckpointStorage;
using Importer.Cli.Output;

namespace Importer.Cli.Commands;

/// <summary>Checkpoints as people and programs read them.</summary>
internal static class CheckpointsOutput
{
    /// <summary>One line of a list.</summary>
    public static string Line(CheckpointInfo info, bool isBest)
    {
        if (info.Problem is { } problem)
        {
            return $"{TerminalText.Line(info.Id)}  damaged: {TerminalText.Line(problem.ToString())}";
        }

        string notes = string.Join(", ", new[] { isBest ? "best" : null, info.IsPinned ? "pinned" : null, Reason(info) is { } reason ? $"saved: {reason}" : null }.OfType<string>());
        string metric = info.Metric is { } loss ? Invariant($"val loss {loss:0.0000}") : "";
        return Invariant($"{info.Id}  {Units.Bytes(info.TotalBytes),10}  {(info.Epoch is { } epoch ? Invariant($"epoch {epoch:0.00}") : ""),-12}{metric,-17}{notes}").TrimEnd();
    }

    /// <summary>All of a checkpoint.</summary>
    public static string Text(CheckpointInfo info, bool isBest)
    {
        var text = new StringBuilder();
        text.AppendLine(Line(info, isBest));
        text.AppendLine(Invariant($"saved at   {info.SavedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"));
        text.AppendLine($"parent     {info.ParentId ?? "none"}");
        foreach (var (name, value) in info.Configuration)
        {
            text.AppendLine($"config     {TerminalText.Line(name)} = {TerminalText.Line(value)}");
        }

        foreach (var field in info.Metadata.ValueKind == System.Text.Json.JsonValueKind.Object ? info.Metadata.EnumerateObject() : default)
        {
            text.AppendLine($"recorded   {TerminalText.Line(field.Name)} = {TerminalText.Line(field.Value.ToString())}");
        }

        foreach (var file in info.Files)
        {
            text.AppendLine($"file       {TerminalText.Line(file.Name)}  {Units.Bytes(file.Length)}  sha256 {file.Sha256}  md5 {file.Md5}");
        }

        return text.ToString();
    }

    public static string Json(IReadOnlyList<CheckpointInfo> all, IReadOnlyList<CheckpointInfo> backups, IReadOnlyList<string> damaged, string? best) =>
        JsonOutput.Render(new JsonObject
        {
            ["checkpoints"] = new JsonArray([.. all.Select(info => Json(info, info.Id == best))]),
            ["backups"] = new JsonArray([.. backups.Select(info => Json(info, isBest: false))]),
            ["quarantined"] = JsonOutput.Texts(damaged.Select(path => Path.GetFileName(path))),
        });

    public static JsonObject Json(CheckpointInfo info, bool isBest) => new()
    {
        ["id"] = info.Id,
        ["directory"] = info.Directory,
        ["step"] = info.Step,
        ["epoch"] = info.Epoch,
        ["metric"] = info.Metric is { } metric && double.IsFinite(metric) ? metric : null,
        ["best"] = isBest,
        ["pinned"] = info.IsPinned,
        ["bytes"] = info.TotalBytes,
        ["saved_at"] = info.SavedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["parent"] = info.ParentId,
        ["problem"] = info.Problem?.ToString(),
        ["configuration"] = new JsonObject(info.Configuration.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))),
        ["metadata"] = info.Metadata.ValueKind == System.Text.Json.JsonValueKind.Object ? JsonNode.Parse(info.Metadata.GetRawText()) : null,
        ["files"] = new JsonArray([.. info.Files.Select(file => new JsonObject
        {
            ["name"] = file.Name, ["bytes"] = file.Length, ["sha256"] = file.Sha256, ["md5"] = file.Md5,
        })]),
    };

    public static string VerificationText(IReadOnlyList<(CheckpointInfo Info, IReadOnlyList<CheckpointProblem> Problems)> results)
    {
        var text = new StringBuilder();
        foreach (var (info, problems) in results)
        {
            text.AppendLine(problems.Count == 0 ? $"{info.Id}  whole" : $"{TerminalText.Line(info.Id)}  damaged: {string.Join("; ", problems.Select(problem => TerminalText.Line(problem.ToString())))}");
        }

        return text.ToString();
    }

    public static string VerificationJson(IReadOnlyList<(CheckpointInfo Info, IReadOnlyList<CheckpointProblem> Problems)> results) => JsonOutput.Render(new JsonObject
    {
        ["checkpoints"] = new JsonArray([.. results.Select(result => new JsonObject
        {
            ["id"] = result.Info.Id, ["problems"] = JsonOutput.Texts(result.Problems.Select(problem => problem.ToString())),
        })]),
    });

    public static string DifferencesJson(IReadOnlyList<CheckpointDifference> differences) => JsonOutput.Render(new JsonObject
    {
        ["differences"] = new JsonArray([.. differences.Select(difference => new JsonObject
        {
            ["kind"] = difference.Kind.ToString().ToLowerInvariant(), ["name"] = difference.Name, ["first"] = difference.First, ["second"] = difference.Second,
        })]),
    });

    private static string? Reason(CheckpointInfo info) =>
        info.Metadata.ValueKind == System.Text.Json.JsonValueKind.Object && info.Metadata.TryGetProperty("reason", out var reason) ? TerminalText.Line(reason.ToString()) : null;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
