using System.CommandLine;
using HuggingFace.Hub.Client;
using Importer.Cli.Output;
using Importer.Sources;

namespace Importer.Cli.Commands;

/// <summary>The options of every command that talks to the hub.</summary>
internal sealed class HubArguments
{
    private readonly Option<string?> _revision = new("--revision") { Description = "Branch, tag or commit on the hub; main by default.", HelpName = "REV" };
    private readonly Option<string?> _token = new("--token") { Description = "Access token; by default HF_TOKEN, which no list of processes shows, or the one of the last login.", HelpName = "TOKEN" };
    private readonly Option<Uri?> _endpoint = new("--endpoint") { Description = "The hub or a mirror; by default HF_ENDPOINT.", HelpName = "URL", CustomParser = ParseEndpoint };
    private readonly Option<bool> _offline = new("--offline") { Description = "Take what is in the cache; make no request." };
    private readonly Option<string[]> _include = new("--include") { Description = "Further files to fetch, by pattern (* crosses /).", HelpName = "PATTERN" };
    private readonly Option<string[]> _exclude = new("--exclude") { Description = "Files not to fetch, by pattern.", HelpName = "PATTERN" };
    private readonly Option<string?> _localDirectory = new("--local-dir") { Description = "Fetch into this directory, as plain files, instead of the cache.", HelpName = "DIR" };
    private readonly Option<string?> _cacheDirectory = CacheDirectory();

    /// <summary>The cache's directory, for the commands that only look at it too.</summary>
    public static Option<string?> CacheDirectory() => new("--cache-dir") { Description = "The cache; by default HF_HUB_CACHE, or hub in HF_HOME.", HelpName = "DIR" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _revision, _token, _endpoint, _cacheDirectory, _offline, _include, _exclude, _localDirectory })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>A client as the options say; the caller disposes it.</summary>
    public HubClient CreateClient(ParseResult parsed, HubLog log) => new(new HubClientOptions
    {
        Token = parsed.GetValue(_token),
        Endpoint = parsed.GetValue(_endpoint),
        CacheDirectory = parsed.GetValue(_cacheDirectory),
        Offline = parsed.GetValue(_offline) ? true : null,
        UserAgent = "import-weights",
        LoggerFactory = log,
    });

    /// <summary>Which files the options ask for.</summary>
    public HubModelOptions ModelOptions(ParseResult parsed) => new()
    {
        Revision = parsed.GetValue(_revision),
        Include = Patterns(parsed, _include),
        Exclude = Patterns(parsed, _exclude),
        LocalDirectory = parsed.GetValue(_localDirectory),
    };

    /// <summary>The access that the importer takes.</summary>
    public HubAccess Access(ParseResult parsed, HubClient client, IProgress<HubProgress>? progress) =>
        new() { Client = client, Model = ModelOptions(parsed), Progress = progress };

    private static string[]? Patterns(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) is { Length: > 0 } patterns ? patterns : null;

    private static Uri? ParseEndpoint(System.CommandLine.Parsing.ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return uri;
        }

        result.AddError($"'{text}' is no address of a hub; give one such as https://huggingface.co.");
        return null;
    }
}
