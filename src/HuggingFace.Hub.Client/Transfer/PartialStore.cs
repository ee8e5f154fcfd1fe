using System.Globalization;
using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Makes partials, and finds those that others left. Data is <c>{stem}.{8hex}.incomplete</c> as huggingface_hub names it, its map
/// <c>{stem}.{8hex}.map.incomplete</c>, so that <c>hf cache prune</c> removes both.
/// </summary>
/// <remarks>
/// An orphan whose owner is provably gone (its locks are free, on this machine, where locks work) is claimed by renaming its map, which
/// exactly one claimant can do. Where nothing can be proved (another machine, or no working locks), it must have been untouched for a grace
/// time, and its bytes are copied into a file of our own: no two processes ever write to one file.
/// </remarks>
internal sealed class PartialStore(string directory, string stem, ContentHash hash, HubSettings settings)
{
    // What .NET sets when the space for a new file cannot be reserved (COR_E_IO, without the system's error).
    private const int PreallocationFailed = unchecked((int)0x80131620);

    private const string Suffix = ".incomplete";
    private const string MapSuffix = ".map.incomplete";

    /// <summary>How many bytes of the file an earlier download left that can be taken over.</summary>
    public long Resumable(long size)
    {
        long most = 0;
        foreach (string path in FindMaps())
        {
            using RangeMap? map = TryOpenMap(path, size);
            if (map is not null)
            {
                most = Math.Max(most, map.Total);
            }
        }

        return most;
    }

    /// <summary>
    /// How many bytes of disk a download of the file still needs: all of them, unless it would go on with a partial, for which the space has
    /// been reserved when it was begun.
    /// </summary>
    public long SpaceNeeded(long size)
    {
        long reserved = 0;
        foreach (string path in settings.Seams.LocksWork ? FindMaps() : [])
        {
            using RangeMap? map = TryOpenMap(path, size);
            if (map is { IsOurHost: true, Total: > 0 } && DataPath(map.DataNonce) is var data && File.Exists(data))
            {
                reserved = Math.Max(reserved, NativeMethods.AllocatedBytes(data) ?? size);
            }
        }

        return Math.Max(0, size - reserved);
    }

    /// <summary>A partial to write to: an adopted one where there is one, else a new one.</summary>
    /// <param name="size">The size of the whole file; null when it is not known.</param>
    /// <param name="exclusive">Whether locks keep others out here.</param>
    /// <param name="cancellationToken">Stops the copying of an orphan.</param>
    public async Task<PartialFile> OpenAsync(long? size, bool exclusive, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        if (size is not { } known)
        {
            string path = DataPath(Nonce.New());
            return new PartialFile(path, OpenData(path, FileMode.CreateNew, 0), null, null, settings.Seams);
        }

        foreach (string orphan in OrderByDone(known))
        {
            if (exclusive && TryClaim(orphan, known) is { } claimed)
            {
                return claimed;
            }

            if (TryOpenAbandoned(orphan, known, exclusive) is { } abandoned)
            {
                return await CopyAsync(abandoned, orphan, known, cancellationToken).ConfigureAwait(false);
            }
        }

        return Create(known);
    }

    /// <summary>Removes the partials of this content whose owners are provably gone; for after it has been published.</summary>
    public void RemoveOrphans(long size)
    {
        foreach (string path in FindMaps())
        {
            using RangeMap? map = TryOpenMap(path, size);
            if (map is null or { IsOurHost: false })
            {
                continue;
            }

            string data = DataPath(map.DataNonce);
            SafeFileHandle? owned = null;
            if (!File.Exists(data) || TryOpenData(data, out owned))
            {
                owned?.Dispose();
                FileProbe.TryDelete(data);
                FileProbe.TryDelete(path);
            }
        }
    }

    private PartialFile Create(long size)
    {
        string nonce = Nonce.New();
        string data = DataPath(nonce), map = MapPath(nonce);
        SafeFileHandle handle;
        try
        {
            handle = OpenData(data, FileMode.CreateNew, size);
        }
        catch (IOException error) when (FreeSpace.IsExhausted(error) || error.HResult == PreallocationFailed)
        {
            FileProbe.TryDelete(data);
            throw new HubDiskSpaceException(directory, size, settings.Seams.AvailableSpace(directory), error);
        }

        try
        {
            return new PartialFile(data, handle, map, RangeMap.Create(map, size, settings.Options.BlockSize, nonce, hash), settings.Seams);
        }
        catch
        {
            handle.Dispose();
            FileProbe.TryDelete(data);
            FileProbe.TryDelete(map);
            throw;
        }
    }

    /// <summary>Takes over an orphan of this machine whose data nobody holds open.</summary>
    private PartialFile? TryClaim(string mapPath, long size)
    {
        using RangeMap? peek = TryOpenMap(mapPath, size);
        if (peek is not { IsOurHost: true } || !TryOpenData(DataPath(peek.DataNonce), out SafeFileHandle? data))
        {
            return null;
        }

        string claimedPath = MapPath(Nonce.New());
        try
        {
            File.Move(mapPath, claimedPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another process was quicker.
            data!.Dispose();
            return null;
        }

        RangeMap? map = TryOpenMap(claimedPath, size);
        if (map is null)
        {
            data!.Dispose();
            return null;
        }

        map.Clip(RandomAccess.GetLength(data!));
        return new PartialFile(DataPath(map.DataNonce), data!, claimedPath, map, settings.Seams);
    }

    private RangeMap? TryOpenAbandoned(string mapPath, long size, bool exclusive)
    {
        DateTime limit = settings.Time.GetUtcNow().UtcDateTime - settings.Options.OrphanGracePeriod;
        RangeMap? map = File.GetLastWriteTimeUtc(mapPath) < limit ? TryOpenMap(mapPath, size) : null;
        if (exclusive && map is { IsOurHost: true })
        {
            // Locks decide here, and they say that it is alive.
            map.Dispose();
            return null;
        }

        return map;
    }

    private async Task<PartialFile> CopyAsync(RangeMap orphan, string orphanPath, long size, CancellationToken cancellationToken)
    {
        PartialFile partial = Create(size);
        try
        {
            await Task.Run(() => OrphanCopy.Run(orphan, DataPath(orphan.DataNonce), partial, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.Ignoring(settings.Logger, orphanPath, error.Message);
        }
        catch
        {
            partial.Dispose();
            orphan.Dispose();
            throw;
        }

        orphan.Dispose();
        FileProbe.TryDelete(DataPath(orphan.DataNonce));
        FileProbe.TryDelete(orphanPath);
        return partial;
    }

    private IEnumerable<string> OrderByDone(long size)
    {
        var found = new List<(string Path, long Done)>();
        foreach (string path in FindMaps())
        {
            using RangeMap? map = TryOpenMap(path, size);
            if (map is { Total: > 0 })
            {
                found.Add((path, map.Total));
            }
        }

        return found.OrderByDescending(item => item.Done).Select(item => item.Path);
    }

    private string[] FindMaps()
    {
        try
        {
            return Directory.Exists(directory)
                ? [.. Directory.EnumerateFiles(directory, $"{stem}.*{MapSuffix}").Where(IsMapName)]
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private bool IsMapName(string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        return name.Length == stem.Length + 1 + Nonce.Length + MapSuffix.Length && Nonce.Is(name.Slice(stem.Length + 1, Nonce.Length));
    }

    private RangeMap? TryOpenMap(string path, long size)
    {
        try
        {
            return RangeMap.Open(path, size, hash);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private bool TryOpenData(string path, out SafeFileHandle? data)
    {
        try
        {
            data = OpenData(path, FileMode.Open, 0);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            data = null;
            return false;
        }
    }

    /// <summary>Opens data so that its lock shows that it is in use.</summary>
    private SafeFileHandle OpenData(string path, FileMode mode, long size) => File.OpenHandle(
        path,
        mode,
        FileAccess.ReadWrite,
        settings.Seams.LocksWork ? FileShare.None : FileShare.ReadWrite | FileShare.Delete,
        FileOptions.None,
        mode == FileMode.CreateNew ? size : 0);

    private string DataPath(string nonce) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{stem}.{nonce}{Suffix}"));

    private string MapPath(string nonce) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{stem}.{nonce}{MapSuffix}"));
}
