using HuggingFace.Hub.Client;
using Importer.IO;
using Importer.Sources;
using PretrainedTokenizers;

namespace Importer.Training.Data;

/// <summary>Where the tokenizer of a data set comes from.</summary>
public sealed class DatasetTokenizerSource
{
    private const string Gpt2 = "gpt2", Gpt2Repository = "openai-community/gpt2";

    // Everything that decides ids or the meaning of special tokens; with it the prepared directory is a tokenizer's, too.
    private static readonly string[] FileNames =
    [
        "tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja",
    ];

    private DatasetTokenizerSource(Tokenizer? tokenizer, string? directory)
    {
        Tokenizer = tokenizer;
        Directory = directory;
        Files = tokenizer is BpeTokenizer ? [.. FileNames.Where(name => File.Exists(Path.Combine(directory!, name)))] : [];
    }

    /// <summary>A vocabulary of the text's own characters, in the order of their code points, as nanoGPT's shakespeare_char has.</summary>
    public static DatasetTokenizerSource Characters { get; } = new(null, null);

    /// <summary>The tokenizer; null for <see cref="Characters"/>, which are not known yet.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>The directory it was loaded from; null for <see cref="Characters"/>.</summary>
    public string? Directory { get; }

    /// <summary>The files that are copied beside the tokens.</summary>
    internal IReadOnlyList<string> Files { get; }

    /// <summary>The tokenizer of a model's directory, or of other prepared data.</summary>
    /// <param name="directory">The directory.</param>
    /// <exception cref="TokenizerException">It has none, or a broken one.</exception>
    public static DatasetTokenizerSource FromDirectory(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        directory = Path.GetFullPath(directory);
        return new DatasetTokenizerSource(Tokenizer.FromDirectory(directory), directory);
    }

    /// <summary>Finds a tokenizer by what a command line calls it.</summary>
    /// <param name="name">
    /// <c>char</c>; a directory; or a model's id on the hub, of which only the tokenizer's files are fetched. <c>gpt2</c> is
    /// openai-community/gpt2.
    /// </param>
    /// <param name="hub">How the hub is reached; null for the defaults.</param>
    /// <param name="cancellationToken">Stops a download.</param>
    /// <exception cref="DatasetNotFoundException">It is no directory, and cannot be an id.</exception>
    /// <exception cref="HubException">The hub does not give it.</exception>
    /// <exception cref="TokenizerException">There is no tokenizer, or a broken one.</exception>
    public static async Task<DatasetTokenizerSource> ResolveAsync(string name, HubAccess? hub = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == TokenizerFingerprint.Char)
        {
            return Characters;
        }

        if (FileFacts.Of(name).Kind == FileKind.Directory)
        {
            return FromDirectory(name);
        }

        bool isPath = Path.IsPathRooted(name) || name.StartsWith('.') || name.StartsWith('~') || name.Contains('\\');
        if (isPath || !ModelLocator.TryParseId(name == Gpt2 ? Gpt2Repository : name, out var repo))
        {
            throw new DatasetNotFoundException(name, "there is no such tokenizer", "Give char, gpt2, a model's directory or its id on the hub.");
        }

        var options = new HubSnapshotOptions { Revision = hub?.Model?.Revision, LocalDirectory = hub?.Model?.LocalDirectory, AllowPatterns = FileNames };
        using var own = hub?.Client is null ? new HubClient() : null;
        var snapshot = await (hub?.Client ?? own!).DownloadSnapshotAsync(repo, options, hub?.Progress, cancellationToken).ConfigureAwait(false);
        return FromDirectory(snapshot.Directory);
    }
}
