using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace HuggingFace.Hub.Client;

/// <summary>Copies what an orphan has into a partial of our own.</summary>
internal static class OrphanCopy
{
    private const int BufferSize = 1 << 20;

    public static void Run(RangeMap orphan, string dataPath, PartialFile partial, CancellationToken cancellationToken)
    {
        using SafeFileHandle source = File.OpenHandle(dataPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (int block = 0; block < orphan.BlockCount; block++)
            {
                CopyBlock(source, orphan.Bounds(block).Start, orphan.Reached(block), partial, buffer, cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void CopyBlock(
        SafeFileHandle source, long position, long end, PartialFile partial, byte[] buffer, CancellationToken cancellationToken)
    {
        RangeMap own = partial.Map!;
        while (position < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int ownBlock = (int)(position / own.BlockSize);
            long most = Math.Min(Math.Min(BufferSize, end - position), own.Bounds(ownBlock).End - position);

            // The blocks of an orphan made with another block size do not all begin where ours can go on.
            if (own.Reached(ownBlock) != position
                || RandomAccess.Read(source, buffer.AsSpan(0, (int)most), position) is not (> 0 and int count))
            {
                return;
            }

            partial.Write(position, buffer.AsSpan(0, count));
            position += count;
        }
    }
}
