using HuggingFace.Hub.Client;
using Importer.Sources;
using PretrainedTokenizers;

namespace Importer.Training.Data;

/// <summary>Where the tokenizer of a data set comes from.</summary>
public sealed class DatasetTokenizerSource
{
    // nanoGPT's own are written anew.
    private static readonly string[] FileNames = [.. ModelDirectory.TokenizerNames.Where(name => !name.StartsWith("meta.", StringComparison.Ordinal))];

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

    /// <summary>The files that are copied beside the tokens, so that the prepared directory is a tokenizer's, too.</summary>
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
    /// <exception cref="ModelNotFoundException">It is no directory, and cannot be an id.</exception>
    /// <exception cref="HubException">The hub does not give it.</exception>
    /// <exception cref="TokenizerException">There is no tokenizer, or a broken one.</exception>
    public static async Task<DatasetTokenizerSource> ResolveAsync(string name, HubAccess? hub = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == TokenizerFingerprint.Char)
        {
            return Characters;
        }

        return FromDirectory(await TokenizerLocator.LocateAsync(name, hub, cancellationToken).ConfigureAwait(false));
    }
}
