using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Which bytes of a partial file are there: per block, how many from its beginning. Kept in a file beside the partial and updated in place
/// as bytes are written, so that a killed process loses only what was on its way.
/// </summary>
/// <remarks>
/// Little endian: magic "HubPart1", size (8), block size (4), nonce of the data file (8 ASCII), host (16), content hash (64 ASCII,
/// zero-padded), the first 8 bytes of the SHA-256 of all before; then 4 bytes for each block.
/// </remarks>
internal sealed class RangeMap : IDisposable
{
    public const int SmallestBlock = 4 * 1024;
    public const int LargestBlock = 1 << 30;
    private const int MaxBlocks = 1 << 24;
    private const int HashField = 64;
    private const int CheckOffset = 8 + 8 + 4 + Nonce.Length + HostIdentity.Size + HashField;
    private const int HeaderSize = CheckOffset + 8;
    private static readonly byte[] Magic = "HubPart1"u8.ToArray();

    private readonly SafeFileHandle _file;
    private readonly uint[] _done;
    private long _total;

    private RangeMap(SafeFileHandle file, long size, int blockSize, string dataNonce, bool isOurHost, uint[] done)
    {
        _file = file;
        Size = size;
        BlockSize = blockSize;
        DataNonce = dataNonce;
        IsOurHost = isOurHost;
        _done = done;
        _total = done.Sum(count => (long)count);
    }

    /// <summary>The size of the whole file.</summary>
    public long Size { get; }

    public int BlockSize { get; }

    public int BlockCount => _done.Length;

    /// <summary>The nonce in the name of the data file.</summary>
    public string DataNonce { get; }

    /// <summary>Whether it was written on this machine since it started.</summary>
    public bool IsOurHost { get; }

    /// <summary>How many bytes are there.</summary>
    public long Total => Interlocked.Read(ref _total);

    public bool IsComplete => Total == Size;

    public static RangeMap Create(string path, long size, int blockSize, string dataNonce, ContentHash hash)
    {
        // A file of petabytes must not make a map of gigabytes.
        while (BlocksOf(size, blockSize) > MaxBlocks)
        {
            blockSize *= 2;
        }

        byte[] header = new byte[HeaderSize];
        Magic.CopyTo(header, 0);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), size);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), blockSize);
        Encoding.ASCII.GetBytes(dataNonce, header.AsSpan(20));
        HostIdentity.Current.Span.CopyTo(header.AsSpan(20 + Nonce.Length));
        Encoding.ASCII.GetBytes(hash.Hex, header.AsSpan(20 + Nonce.Length + HostIdentity.Size));
        SHA256.HashData(header.AsSpan(0, CheckOffset)).AsSpan(0, 8).CopyTo(header.AsSpan(CheckOffset));

        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        uint[] done = new uint[BlocksOf(size, blockSize)];
        RandomAccess.Write(file, header, 0);
        RandomAccess.SetLength(file, HeaderSize + (4L * done.Length));
        return new RangeMap(file, size, blockSize, dataNonce, isOurHost: true, done);
    }

    /// <summary>Opens a map that another download left; null when it is not one for this content.</summary>
    public static RangeMap? Open(string path, long size, ContentHash hash)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            if (Read(file, size, hash) is { } map)
            {
                return map;
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return null;
    }

    /// <summary>The bytes of a block, [start, end).</summary>
    public (long Start, long End) Bounds(int block) =>
        ((long)block * BlockSize, Math.Min(Size, ((long)block + 1) * BlockSize));

    /// <summary>The first byte of a block that is missing.</summary>
    public long Reached(int block) => ((long)block * BlockSize) + Volatile.Read(ref _done[block]);

    /// <summary>Whether all of a block is there.</summary>
    public bool IsDone(int block) => Reached(block) == Bounds(block).End;

    /// <summary>Notes bytes that have been written; they must continue what is there. One writer per block.</summary>
    public void Advance(long offset, int count)
    {
        while (count > 0)
        {
            int block = (int)(offset / BlockSize);
            int part = (int)Math.Min(count, Bounds(block).End - offset);
            uint done = _done[block];
            if (offset != ((long)block * BlockSize) + done)
            {
                throw new InvalidOperationException(
                    $"The range map of {Size} bytes is at {done} in block {block}, not at offset {offset}.");
            }

            Volatile.Write(ref _done[block], done + (uint)part);
            Interlocked.Add(ref _total, part);
            Persist(block);
            offset += part;
            count -= part;
        }
    }

    /// <summary>Forgets what is there beyond a length of the data file, which a crash may have lost.</summary>
    public void Clip(long dataLength)
    {
        for (int block = 0; block < _done.Length; block++)
        {
            long start = Bounds(block).Start;
            uint most = (uint)Math.Clamp(dataLength - start, 0, BlockSize);
            if (_done[block] > most)
            {
                Interlocked.Add(ref _total, (long)most - _done[block]);
                _done[block] = most;
                Persist(block);
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Reset() => Clip(0);

    public void Dispose() => _file.Dispose();

    private static long BlocksOf(long size, int blockSize) => (size / blockSize) + (size % blockSize == 0 ? 0 : 1);

    private static RangeMap? Read(SafeFileHandle file, long size, ContentHash hash)
    {
        byte[] header = new byte[HeaderSize];
        if (RandomAccess.Read(file, header, 0) != HeaderSize
            || !header.AsSpan(0, 8).SequenceEqual(Magic)
            || !SHA256.HashData(header.AsSpan(0, CheckOffset)).AsSpan(0, 8).SequenceEqual(header.AsSpan(CheckOffset)))
        {
            return null;
        }

        int blockSize = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(16));
        string nonce = Encoding.ASCII.GetString(header.AsSpan(20, Nonce.Length));
        ReadOnlySpan<byte> host = header.AsSpan(20 + Nonce.Length, HostIdentity.Size);
        string content = Encoding.ASCII.GetString(header.AsSpan(20 + Nonce.Length + HostIdentity.Size, HashField)).TrimEnd('\0');
        if (BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)) != size
            || content != hash.Hex
            || !Nonce.Is(nonce)
            || blockSize is < SmallestBlock or > LargestBlock
            || BlocksOf(size, blockSize) > MaxBlocks)
        {
            return null;
        }

        uint[] done = new uint[BlocksOf(size, blockSize)];
        byte[] counts = new byte[4 * done.Length];
        if (RandomAccess.Read(file, counts, HeaderSize) != counts.Length)
        {
            return null;
        }

        for (int block = 0; block < done.Length; block++)
        {
            done[block] = BinaryPrimitives.ReadUInt32LittleEndian(counts.AsSpan(4 * block));
            if (done[block] > Math.Min(blockSize, size - ((long)block * blockSize)))
            {
                return null;
            }
        }

        return new RangeMap(file, size, blockSize, nonce, host.SequenceEqual(HostIdentity.Current.Span), done);
    }

    private void Persist(int block)
    {
        Span<byte> count = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(count, _done[block]);
        RandomAccess.Write(_file, count, HeaderSize + (4L * block));
    }
}
