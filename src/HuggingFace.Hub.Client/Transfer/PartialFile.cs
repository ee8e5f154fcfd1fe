using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace HuggingFace.Hub.Client;

/// <summary>
/// A file on its way: the data under a name that no other process writes, and its <see cref="RangeMap"/>. Bytes are only ever written at
/// their place, never appended and never cut, so that even two writers of the same content could not harm each other.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const long WorthWriteback = 1 << 20;
    private readonly HubTestSeams _seams;
    private bool _closed;

    public PartialFile(string path, SafeFileHandle data, string? mapPath, RangeMap? map, HubTestSeams seams)
    {
        Path = path;
        Data = data;
        MapPath = mapPath;
        Map = map;
        _seams = seams;
    }

    public string Path { get; }

    public SafeFileHandle Data { get; }

    public string? MapPath { get; }

    /// <summary>What is there; null while the size is not known (such a partial cannot be resumed).</summary>
    public RangeMap? Map { get; }

    /// <summary>Writes bytes and notes them.</summary>
    /// <exception cref="HubDiskSpaceException">The disk is full.</exception>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            _seams.BeforeWrite?.Invoke(offset, bytes.Length);
            RandomAccess.Write(Data, bytes, offset);
            if (Map is { } map)
            {
                map.Advance(offset, bytes.Length);
                BeginWriteback(map, offset);
            }
        }
        catch (IOException error) when (FreeSpace.IsExhausted(error))
        {
            string directory = System.IO.Path.GetDirectoryName(Path)!;
            throw new HubDiskSpaceException(
                directory, Map is null ? bytes.Length : Map.Size - Map.Total, _seams.AvailableSpace(directory), error);
        }
        catch (IOException error)
        {
            throw new HubCacheException(Path, error.Message, error);
        }
    }

    /// <summary>Flushes the data to the disk and closes everything.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        // A flush cannot be stopped, so the caller may leave it behind; the partial then stays for the next call.
        Task flush = Task.Run(
            () =>
            {
                try
                {
                    _seams.FlushToDisk(Data);
                }
                finally
                {
                    Close();
                }
            },
            CancellationToken.None);
        await flush.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the finished file appear at its place.</summary>
    public void Publish(string destination)
    {
        AtomicFile.Publish(Path, destination);
        if (MapPath is not null)
        {
            FileProbe.TryDelete(MapPath);
        }
    }

    /// <summary>Removes it: its content is wrong.</summary>
    public void Discard()
    {
        Close();
        FileProbe.TryDelete(Path);
        if (MapPath is not null)
        {
            FileProbe.TryDelete(MapPath);
        }
    }

    /// <summary>Closes it; what has arrived stays for the next download, unless it could not be resumed anyway.</summary>
    public void Dispose()
    {
        if (_closed)
        {
            return;
        }

        if (Map is null or { Total: 0 })
        {
            Discard();
        }
        else
        {
            Close();
        }
    }

    private void BeginWriteback(RangeMap map, long offset)
    {
        int block = (int)(offset / map.BlockSize);
        (long start, long end) = map.Bounds(block);
        if (end - start >= WorthWriteback && map.IsDone(block))
        {
            DiskFlush.BeginWriteback(Data, start, end - start);
        }
    }

    private void Close()
    {
        _closed = true;
        Data.Dispose();
        Map?.Dispose();
    }
}
