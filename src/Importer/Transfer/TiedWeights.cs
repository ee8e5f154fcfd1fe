using System.Buffers;
using Importer.Mapping;
using Importer.Sources;

namespace Importer.Transfer;

/// <summary>Checks that a tied tensor which is stored twice is the same both times.</summary>
internal static class TiedWeights
{
    private const int BlockBytes = 1 << 20;

    /// <summary>Compares every stored copy with its original, byte by byte.</summary>
    /// <param name="plan">The plan whose ties are checked.</param>
    /// <param name="source">Where the tensors are.</param>
    /// <param name="progress">Told of the bytes to read in all, and of more bytes as they are done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TiedWeightsDifferException">Two differ.</exception>
    public static void Verify(LoadPlan plan, TensorSource source, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        long total = plan.Ties.Sum(tie => 2 * tie.Check?.Copy.ByteCount ?? 0);
        if (total == 0)
        {
            return;
        }

        byte[] one = ArrayPool<byte>.Shared.Rent(BlockBytes), other = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            foreach (var tie in plan.Ties)
            {
                if (tie.Check is not { } check)
                {
                    continue;
                }

                for (long offset = 0; offset < check.Copy.ByteCount; offset += BlockBytes)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    int count = (int)Math.Min(BlockBytes, check.Copy.ByteCount - offset);
                    source.Read(check.Copy, offset, one.AsSpan(0, count));
                    source.Read(check.Original, offset, other.AsSpan(0, count));
                    int same = one.AsSpan(0, count).CommonPrefixLength(other.AsSpan(0, count));
                    if (same < count)
                    {
                        throw new TiedWeightsDifferException(tie, check, offset + same);
                    }

                    progress?.Invoke(total, 2L * count);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(one);
            ArrayPool<byte>.Shared.Return(other);
        }
    }
}
