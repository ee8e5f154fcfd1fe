using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using HuggingFace.Hub.Client;

namespace Importer.Cli.Output;

/// <summary>What a download would fetch.</summary>
internal static class DownloadPlanOutput
{
    public static string Text(HubDownloadPlan plan)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{plan.Repo} at {plan.Commit} -> {plan.Directory}");
        int width = plan.Files.Count == 0 ? 0 : plan.Files.Max(file => file.Path.Length);
        foreach (var file in plan.Files)
        {
            string state = !file.WillDownload ? "cached" : file.BytesToDownload < file.Size ? $"{Units.Bytes(file.BytesToDownload)} to go" : "";
            string line = $"  {file.Path.PadRight(width)}  {Units.Bytes(file.Size),10}  {state}";
            text.AppendLine(line.TrimEnd());
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"download {Units.Bytes(plan.BytesToDownload)} of {Units.Bytes(plan.TotalSize)}{(plan.AvailableBytes is { } free ? $", {Units.Bytes(free)} free" : "")}");
        return text.ToString();
    }

    /// <summary>A plan with what would be downloaded before it: two fields more, or the list of files above it.</summary>
    /// <param name="download">The download; null where everything is here.</param>
    /// <param name="json">Whether for a program.</param>
    /// <param name="document">The plan for a program.</param>
    /// <param name="text">The plan for a person.</param>
    public static string Before(HubDownloadPlan? download, bool json, Func<JsonObject> document, Func<string> text)
    {
        if (!json)
        {
            return (download is null ? "" : Text(download) + Environment.NewLine) + text();
        }

        var plan = document();
        plan["bytes_to_download"] = download?.BytesToDownload ?? 0;
        plan["download"] = download is null ? null : Document(download);
        return JsonOutput.Render(plan);
    }

    public static string Json(HubDownloadPlan plan) => JsonOutput.Render(Document(plan));

    public static JsonObject Document(HubDownloadPlan plan) => new()
    {
        ["id"] = plan.Repo.Id,
        ["commit"] = plan.Commit,
        ["directory"] = plan.Directory,
        ["files"] = new JsonArray([.. plan.Files.Select(file => (JsonNode)new JsonObject
        {
            ["path"] = file.Path, ["size"] = file.Size, ["cached"] = file.IsCached, ["bytes_to_download"] = file.BytesToDownload,
        })]),
        ["bytes_to_download"] = plan.BytesToDownload,
        ["bytes_total"] = plan.TotalSize,
        ["bytes_free"] = plan.AvailableBytes,
    };
}
