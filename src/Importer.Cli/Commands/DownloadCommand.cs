using System.CommandLine;
using System.Text.Json.Nodes;
using HuggingFace.Hub.Client;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights download ID</c>: a model's files into the cache, verified, and no more.</summary>
internal static class DownloadCommand
{
    public static Command Create(CliConsole console)
    {
        var id = new Argument<string>("ID") { Description = "A model's id on the hub, such as openai-community/gpt2." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be downloaded and download nothing." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No progress; errors only." };
        var hub = new HubArguments();
        var command = new Command("download", "Fetch a model's files into the cache that Python's tools share; prints the directory.") { id, dryRun, json, quiet };
        hub.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var repo = ParseId(parsed.GetRequiredValue(id));
            using var log = new HubLog(console.Error, show: !parsed.GetValue(quiet));
            using var client = hub.CreateClient(parsed, log);
            var options = hub.ModelOptions(parsed);
            if (parsed.GetValue(dryRun))
            {
                var plan = await client.PlanModelAsync(repo, options, cancellationToken).ConfigureAwait(false);
                await console.Out.WriteAsync(parsed.GetValue(json) ? DownloadPlanOutput.Json(plan) : DownloadPlanOutput.Text(plan)).ConfigureAwait(false);
                return ExitCode.Success;
            }

            var files = await ProgressDisplay.RunAsync(
                console, show: !parsed.GetValue(quiet), progress => client.DownloadModelAsync(repo, options, progress.Download, cancellationToken), log).ConfigureAwait(false);
            await console.Out.WriteAsync(parsed.GetValue(json) ? Json(files) : files.Directory + "\n").ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static RepoId ParseId(string id) =>
        RepoId.TryParse(id.StartsWith("hf://", StringComparison.Ordinal) ? id[5..] : id, out var repo) ? repo : throw new ArgumentException($"'{id}' is no id of a model; give one such as openai-community/gpt2.");

    private static string Json(HubModelFiles files) => JsonOutput.Render(new JsonObject
    {
        ["id"] = files.Snapshot.Repo.Id,
        ["commit"] = files.Commit,
        ["directory"] = files.Directory,
        ["files"] = new JsonArray([.. files.Snapshot.Files.Select(file => (JsonNode)new JsonObject
        {
            ["path"] = file.Path, ["size"] = file.Size, ["local_path"] = file.LocalPath, ["downloaded"] = file.WasDownloaded,
        })]),
    });
}
