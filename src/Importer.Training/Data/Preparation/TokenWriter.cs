using System.Buffers.Binary;
using System.Security.Cryptography;
using Importer.IO;
using Microsoft.Win32.SafeHandles;

namespace Importer.Training.Data;

/// <summary>Writes a file of tokens, hashing what it writes.</summary>
internal sealed class TokenWriter : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly SafeFileHandle _handle;
    private readonly int _size;
    private readonly byte[] _buffer = new byte[256 << 10];
    private int _count;
    private long _written;

    /// <param name="path">A file that is not there yet.</param>
    /// <param name="dtype">How tokens are stored.</param>
    public TokenWriter(string path, TokenDType dtype)
    {
        _size = dtype.Size();
        _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    /// <summary>Tokens so far.</summary>
    public long Tokens { get; private set; }

    public void Write(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            if (_count == _buffer.Length)
            {
                WriteBuffer();
            }

            if (_size == sizeof(ushort))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(_count), checked((ushort)id));
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_count), checked((uint)id));
            }

            _count += _size;
        }

        Tokens += ids.Length;
    }

    /// <summary>Brings everything to the disk.</summary>
    public DatasetSplit Finish()
    {
        WriteBuffer();
        DurableFileSystem.FlushFile(_handle);
        return new DatasetSplit(Tokens, Convert.ToHexStringLower(_hash.GetHashAndReset()));
    }

    public void Dispose()
    {
        _handle.Dispose();
        _hash.Dispose();
    }

    private void WriteBuffer()
    {
        RandomAccess.Write(_handle, _buffer.AsSpan(0, _count), _written);
        _hash.AppendData(_buffer, 0, _count);
        _written += _count;
        _count = 0;
    }
}
