using System.Text.Json.Nodes;
using HuggingFace.Hub.Client;

namespace Importer.Cli.Output;

/// <summary>What the cache commands say, for machines.</summary>
internal static class CacheJson
{
    public static JsonObject Of(HubCacheInfo info) => new()
    {
        ["directory"] = info.Directory,
        ["size"] = info.SizeOnDisk,
        ["models"] = new JsonArray([.. info.Repos.Select(repo => (JsonNode)new JsonObject
        {
            ["id"] = repo.Repo.Id,
            ["size"] = repo.SizeOnDisk,
            ["revisions"] = new JsonArray([.. repo.Revisions.Select(revision => (JsonNode)new JsonObject
            {
                ["commit"] = revision.Commit, ["refs"] = JsonOutput.Texts(revision.Refs), ["size"] = revision.SizeOnDisk, ["directory"] = revision.Directory,
            })]),
        })]),
        ["partials"] = new JsonArray([.. info.Partials.Select(partial => (JsonNode)new JsonObject { ["path"] = partial.FilePath, ["size"] = partial.Size })]),
        ["warnings"] = JsonOutput.Texts(info.Warnings),
    };

    public static JsonObject Of(HubCacheVerification result) => new()
    {
        ["files_checked"] = result.FilesChecked,
        ["bytes_checked"] = result.BytesChecked,
        ["files_without_hash"] = result.FilesWithoutHash,
        ["problems"] = new JsonArray([.. result.Problems.Select(problem => (JsonNode)new JsonObject
        {
            ["kind"] = problem.Kind.ToString().ToLowerInvariant(), ["id"] = problem.Repo.Id, ["path"] = problem.FilePath,
            ["expected"] = problem.Expected, ["actual"] = problem.Actual, ["used_by"] = JsonOutput.Texts(problem.UsedBy),
        })]),
    };

    public static JsonObject Of(HubCacheRemoval removal) => new()
    {
        ["dry_run"] = removal.IsDryRun,
        ["freed"] = removal.FreedBytes,
        ["files"] = JsonOutput.Texts(removal.Files),
        ["revisions"] = new JsonArray([.. removal.Revisions.Select(revision => (JsonNode)new JsonObject { ["id"] = revision.Repo.Id, ["commit"] = revision.Commit })]),
    };
}
