using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Importer.IO;

/// <summary>SHA-256 of files.</summary>
internal static class FileHash
{
    // Stays in a second-level cache between being read and being hashed.
    private const int BlockSize = 256 << 10;

    /// <summary>The SHA-256 of a file, in lower-case hex.</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">Told of bytes as they are hashed.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public static string Sha256(string path, Action<long>? progress = null, CancellationToken cancellationToken = default)
    {
        using var handle = RegularFile.Open(path);
        return Read(handle, (block, _) => progress?.Invoke(block.Length), cancellationToken).Sha256;
    }

    /// <summary>Copies a file from its beginning to its end.</summary>
    /// <returns>How many bytes it had, and their SHA-256 in lower-case hex.</returns>
    public static (long Length, string Sha256) Copy(SafeFileHandle from, SafeFileHandle to, CancellationToken cancellationToken) =>
        Read(from, (block, offset) => RandomAccess.Write(to, block, offset), cancellationToken);

    private static (long Length, string Sha256) Read(SafeFileHandle handle, BlockAction action, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (long offset = 0; ;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int read = RandomAccess.Read(handle, block.AsSpan(0, BlockSize), offset);
                if (read == 0)
                {
                    return (offset, Convert.ToHexStringLower(hash.GetHashAndReset()));
                }

                hash.AppendData(block, 0, read);
                action(block.AsSpan(0, read), offset);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private delegate void BlockAction(ReadOnlySpan<byte> block, long offset);
}
