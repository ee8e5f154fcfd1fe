using HuggingFace.Hub.Client;
using Importer.IO;

namespace Importer.Sources;

/// <summary>Finds a tokenizer by path or by a model's id, of which only the tokenizer's files are fetched.</summary>
internal static class TokenizerLocator
{
    /// <summary>GPT-2's, which nanoGPT uses where data has none of its own.</summary>
    public const string Gpt2 = "openai-community/gpt2";

    /// <summary>Finds a tokenizer. What is on disk under that name comes before what is on the hub.</summary>
    /// <param name="idOrPath">A directory, or an id; <c>gpt2</c> is <see cref="Gpt2"/>.</param>
    /// <param name="access">How the hub is reached; its revision is the model's and is not used.</param>
    /// <param name="cancellationToken">Stops a download.</param>
    /// <returns>The directory that holds it.</returns>
    /// <exception cref="ModelNotFoundException">It is no directory, and cannot be an id.</exception>
    /// <exception cref="HubException">The hub does not give it.</exception>
    public static async Task<string> LocateAsync(string idOrPath, HubAccess? access, CancellationToken cancellationToken)
    {
        if (FileFacts.Of(idOrPath).Kind == FileKind.Directory)
        {
            return Path.GetFullPath(idOrPath);
        }

        if (ModelLocator.IsPath(idOrPath) || !ModelLocator.TryParseId(idOrPath == "gpt2" ? Gpt2 : idOrPath, out var repo))
        {
            throw new ModelNotFoundException(
                idOrPath, $"There is no directory {idOrPath} with a tokenizer.", "Check the path, or give a model's id, such as openai-community/gpt2.");
        }

        var options = new HubSnapshotOptions { AllowPatterns = ModelDirectory.TokenizerNames };
        var snapshot = await ModelLocator.WithClientAsync(
            access, client => client.DownloadSnapshotAsync(repo, options, access?.Progress, cancellationToken)).ConfigureAwait(false);
        return snapshot.Directory;
    }
}
