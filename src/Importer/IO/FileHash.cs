using System.Buffers;
using System.Security.Cryptography;

namespace Importer.IO;

/// <summary>SHA-256 of files.</summary>
internal static class FileHash
{
    private const int BlockSize = 1 << 20;

    /// <summary>The SHA-256 of a file, in lower-case hex.</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">Told of bytes as they are hashed.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public static string Sha256(string path, Action<long>? progress = null, CancellationToken cancellationToken = default)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
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
                    return Convert.ToHexStringLower(hash.GetHashAndReset());
                }

                hash.AppendData(block, 0, read);
                offset += read;
                progress?.Invoke(read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
