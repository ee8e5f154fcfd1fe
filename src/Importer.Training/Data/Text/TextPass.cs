using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Importer.IO;
using Microsoft.Win32.SafeHandles;

namespace Importer.Training.Data;

/// <summary>One reading of a corpus from its beginning to its end: counts and hashes what is read, reports progress, stops when told to.</summary>
internal sealed class TextPass : IDisposable
{
    private readonly IncrementalHash _whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _file = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Action<long>? _progress;
    private readonly CancellationToken _cancellationToken;
    private string? _onlyHash;

    /// <param name="progress">Told of all bytes so far.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public TextPass(Action<long>? progress, CancellationToken cancellationToken)
    {
        _progress = progress;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Bytes that were read.</summary>
    public long Bytes { get; private set; }

    /// <summary>Files that were read to their end.</summary>
    public int Files { get; private set; }

    /// <summary>Reads the next bytes of a file.</summary>
    /// <returns>How many; 0 at the end.</returns>
    public int Read(SafeFileHandle handle, Span<byte> buffer, long offset)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        int read = RandomAccess.Read(handle, buffer, offset);
        _file.AppendData(buffer[..read]);
        Bytes += read;
        _progress?.Invoke(Bytes);
        return read;
    }

    /// <summary>Says that a file was read to its end.</summary>
    /// <param name="name">Its name in the corpus.</param>
    public void EndFile(string name)
    {
        byte[] hash = _file.GetHashAndReset();
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, nameBytes.Length);
        _whole.AppendData(length);
        _whole.AppendData(nameBytes);
        _whole.AppendData(hash);
        _onlyHash = Convert.ToHexStringLower(hash);
        Files++;
    }

    /// <summary>The SHA-256 of what was read: of the file, or of a directory's names and contents.</summary>
    /// <param name="isDirectory">Whether the corpus is a directory.</param>
    public string Sha256(bool isDirectory) => isDirectory ? Convert.ToHexStringLower(_whole.GetCurrentHash()) : _onlyHash!;

    public void Dispose()
    {
        _whole.Dispose();
        _file.Dispose();
    }

    /// <summary>Opens a file of the corpus.</summary>
    public static SafeFileHandle Open(string path) => RegularFile.Open(path);
}
