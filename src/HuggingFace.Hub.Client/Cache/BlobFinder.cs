using SharedSource.IO;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Finds content that another folder of the cache already holds: the same repository under another name (<c>gpt2</c>,
/// <c>openai-community/gpt2</c>), a copy of a model, huggingface_hub's shared store. It is hashed before it is believed, and shared as a
/// hard link, so that either owner may be removed.
/// </summary>
internal sealed class BlobFinder(CacheLayout layout, HubSettings settings)
{
    /// <summary>Gives a folder the content that another one holds.</summary>
    /// <returns>Whether it did.</returns>
    public async Task<bool> TryShareAsync(RemoteContent content, RepoFolder folder, CancellationToken cancellationToken)
    {
        foreach (string candidate in Candidates(content, folder))
        {
            if (!FileProbe.Is(candidate, content.Size))
            {
                continue;
            }

            string temporary = AtomicFile.TemporaryName(folder.Blobs);
            Directory.CreateDirectory(folder.Blobs);
            try
            {
                if (await LinkOrCopyAsync(candidate, temporary, content.Hash, cancellationToken).ConfigureAwait(false))
                {
                    AtomicFile.Publish(temporary, folder.Blob(content.Hash));
                    Log.Reusing(settings.Logger, content.Path, candidate);
                    return true;
                }

                Log.CachedFileDamaged(settings.Logger, candidate);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                FileProbe.TryDelete(temporary);
                Log.Ignoring(settings.Logger, candidate, error.Message);
            }
        }

        return false;
    }

    private static async Task<bool> LinkOrCopyAsync(string existing, string copy, ContentHash hash, CancellationToken cancellationToken)
    {
        // A hard link to a symbolic link would be one itself.
        string file = File.ResolveLinkTarget(existing, returnFinalTarget: true)?.FullName ?? existing;
        if (HardLink.TryCreate(file, copy))
        {
            string actual = await VerifiedFile.HashAsync(copy, hash, null, cancellationToken).ConfigureAwait(false);
            if (actual == hash.Hex)
            {
                return true;
            }

            FileProbe.TryDelete(copy);
            return false;
        }

        return await VerifiedFile.CopyAsync(file, copy, hash, cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<string> Candidates(RemoteContent content, RepoFolder folder)
    {
        if (content.XetHash is { } xet)
        {
            yield return layout.SharedBlob(xet);
        }

        foreach (RepoFolder other in layout.Repos())
        {
            if (other.Root != folder.Root)
            {
                yield return other.Blob(content.Hash);
            }
        }
    }
}
