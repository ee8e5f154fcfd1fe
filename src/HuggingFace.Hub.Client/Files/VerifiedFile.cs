using System.Buffers;
using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace HuggingFace.Hub.Client;

/// <summary>Hashes and copies files that are already on this machine.</summary>
internal static class VerifiedFile
{
    private const int BufferSize = 1 << 20;

    /// <summary>The hash of a file's content, of the same kind as another hash.</summary>
    public static async Task<string> HashAsync(
        string path, ContentHash kind, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using SafeFileHandle source = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        return await Task.Run(() => Pump(source, null, kind, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies a file if its content is what it must be.</summary>
    /// <returns>Whether it is; where not, no copy is left.</returns>
    public static async Task<bool> CopyAsync(string path, string copy, ContentHash expected, CancellationToken cancellationToken)
    {
        try
        {
            string actual;
            using (SafeFileHandle source = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan))
            using (SafeFileHandle target = File.OpenHandle(copy, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                actual = await Task.Run(
                    () =>
                    {
                        string hash = Pump(source, target, expected, null, cancellationToken);
                        DiskFlush.FlushFile(target);
                        return hash;
                    },
                    cancellationToken).ConfigureAwait(false);
            }

            if (actual == expected.Hex)
            {
                return true;
            }
        }
        catch
        {
            FileProbe.TryDelete(copy);
            throw;
        }

        FileProbe.TryDelete(copy);
        return false;
    }

    private static string Pump(
        SafeFileHandle source, SafeFileHandle? target, ContentHash kind, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var hasher = new ContentHasher(kind, RandomAccess.GetLength(source));
            long position = 0;
            while (RandomAccess.Read(source, buffer.AsSpan(0, BufferSize), position) is > 0 and int count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hasher.Append(buffer.AsSpan(0, count));
                if (target is not null)
                {
                    RandomAccess.Write(target, buffer.AsSpan(0, count), position);
                }

                position += count;
                progress?.Report(count);
            }

            return hasher.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
