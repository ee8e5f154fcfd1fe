using System.CommandLine;
using System.Globalization;
using HuggingFace.Hub.Client;
using Importer.Cli.Output;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights cache ls|verify|rm|prune</c>: the cache that Python's tools share.</summary>
internal static class CacheCommand
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static Command Create(CliConsole console)
    {
        var directory = HubArguments.CacheDirectory();
        directory.Recursive = true;
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output.", Recursive = true };
        var command = new Command("cache", "Look at the cache of models, check it, and free room in it.") { directory, json };
        command.Subcommands.Add(List(console, directory, json));
        command.Subcommands.Add(Verify(console, directory, json));
        command.Subcommands.Add(Remove(console, directory, json));
        command.Subcommands.Add(Prune(console, directory, json));
        return command;
    }

    private static Command List(CliConsole console, Option<string?> directory, Option<bool> json)
    {
        var command = new Command("ls", "List the models in the cache, their revisions and sizes.");
        command.SetAction(parsed =>
        {
            var info = new HubCache(parsed.GetValue(directory)).Scan();
            if (parsed.GetValue(json))
            {
                console.Out.Write(JsonOutput.Render(CacheJson.Of(info)));
                return ExitCode.Success;
            }

            foreach (var repo in info.Repos)
            {
                console.Out.WriteLine($"{repo.Repo}  {Units.Bytes(repo.SizeOnDisk)}, {Units.Count(repo.FileCount, "file")}");
                foreach (var revision in repo.Revisions)
                {
                    console.Out.WriteLine($"  {revision.Commit}  {Units.Bytes(revision.SizeOnDisk),10}  {string.Join(", ", revision.Refs)}".TrimEnd());
                }
            }

            if (info.Partials.Count > 0)
            {
                console.Out.WriteLine($"{Units.Count(info.Partials.Count, "partial download")}, {Units.Bytes(info.Partials.Sum(partial => partial.Size))}");
            }

            foreach (string warning in info.Warnings)
            {
                console.Error.WriteLine($"warning: {warning}");
            }

            console.Out.WriteLine($"{Units.Count(info.Repos.Count, "model")}, {Units.Bytes(info.SizeOnDisk)} in {info.Directory}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Verify(CliConsole console, Option<string?> directory, Option<bool> json)
    {
        var id = new Argument<string?>("ID") { Description = "Only this model.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("verify", "Hash every file again: a blob's name is its hash. Needs no network.") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var cache = new HubCache(parsed.GetValue(directory));
            var repo = parsed.GetValue(id) is { } text ? Parse(text) : null;
            var result = await cache.VerifyAsync(repo, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                await console.Out.WriteAsync(JsonOutput.Render(CacheJson.Of(result))).ConfigureAwait(false);
            }
            else
            {
                foreach (var problem in result.Problems)
                {
                    await console.Out.WriteLineAsync($"{problem.Kind.ToString().ToLowerInvariant()}: {problem.FilePath} ({problem.Repo})").ConfigureAwait(false);
                }

                await console.Out.WriteLineAsync(
                    $"{Units.Count(result.FilesChecked, "file")} checked, {Units.Bytes(result.BytesChecked)}; {Units.Count(result.Problems.Count, "problem")}").ConfigureAwait(false);
            }

            return result.Problems.Count == 0
                ? ExitCode.Success
                : throw new CommandFailedException(
                    ExitCode.Integrity, "The cache is damaged. Remove the models concerned with: import-weights cache rm ID, and fetch them again.");
        });
        return command;
    }

    private static Command Remove(CliConsole console, Option<string?> directory, Option<bool> json)
    {
        var id = new Argument<string>("ID") { Description = "The model to remove." };
        var revision = new Option<string?>("--revision") { Description = "Only this branch, tag or commit of it.", HelpName = "REV" };
        var dryRun = DryRun();
        var command = new Command("rm", "Remove a model, or one revision of it.") { id, revision, dryRun };
        command.SetAction(parsed =>
        {
            var repo = Parse(parsed.GetRequiredValue(id));
            string? rev = parsed.GetValue(revision);
            var removal = new HubCache(parsed.GetValue(directory)).Remove(repo, rev, parsed.GetValue(dryRun));
            return removal.Revisions.Count > 0 || removal.Files.Count > 0
                ? Report(console, parsed.GetValue(json), removal)
                : throw new CommandFailedException(
                    ExitCode.NotFound, $"The cache has no {repo.Id}{(rev is null ? "" : $" at revision {rev}")}. List what is there with: import-weights cache ls.");
        });
        return command;
    }

    private static Command Prune(CliConsole console, Option<string?> directory, Option<bool> json)
    {
        var dryRun = DryRun();
        var command = new Command("prune", "Remove what nothing refers to: old revisions, orphaned blobs, partial downloads.") { dryRun };
        command.SetAction(parsed => Report(
            console, parsed.GetValue(json), new HubCache(parsed.GetValue(directory)).Prune(new HubPruneOptions { DryRun = parsed.GetValue(dryRun) })));
        return command;
    }

    private static Option<bool> DryRun() => new("--dry-run") { Description = "Say what would be removed and remove nothing." };

    private static RepoId Parse(string id) =>
        RepoId.TryParse(id, out var repo) ? repo : throw new ArgumentException($"'{id}' is no id of a model; import-weights cache ls lists those that are there.");

    private static int Report(CliConsole console, bool json, HubCacheRemoval removal)
    {
        if (json)
        {
            console.Out.Write(JsonOutput.Render(CacheJson.Of(removal)));
            return ExitCode.Success;
        }

        foreach (var revision in removal.Revisions)
        {
            console.Out.WriteLine($"{revision.Repo} {revision.Commit}");
        }

        console.Out.WriteLine(string.Create(
            Culture, $"{(removal.IsDryRun ? "would remove" : "removed")} {Units.Count(removal.Revisions.Count, "revision")}, {Units.Count(removal.Files.Count, "file")}, {Units.Bytes(removal.FreedBytes)}"));
        return ExitCode.Success;
    }
}
