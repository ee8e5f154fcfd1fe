using System.Buffers;
using static TorchSharp.torch;

namespace Importer.Training.Data;

/// <summary>Windows of tokens with their targets: for each token, the one after it.</summary>
public static class WindowReader
{
    /// <summary>Reads windows into memory.</summary>
    /// <param name="source">The tokens.</param>
    /// <param name="offsets">The first token of each window.</param>
    /// <param name="blockSize">Tokens per window.</param>
    /// <param name="x">Takes the windows, one after the other: the tokens from the offset on.</param>
    /// <param name="y">Takes the targets: the tokens from the one after the offset on.</param>
    /// <exception cref="ArgumentException">The memory is not as long as the windows together, or a window is not in the data.</exception>
    /// <exception cref="TrainingDataException">What is stored is no token of the vocabulary, or the file changed.</exception>
    public static void ReadWindows(this ITokenSource source, ReadOnlySpan<long> offsets, int blockSize, Span<long> x, Span<long> y)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        long needed = (long)offsets.Length * blockSize;
        if (x.Length != needed || y.Length != needed)
        {
            throw new ArgumentException($"{offsets.Length} windows of {blockSize} tokens need {needed} places for tokens and as many for targets.");
        }

        long[] window = ArrayPool<long>.Shared.Rent(blockSize + 1);
        try
        {
            Span<long> tokens = window.AsSpan(0, blockSize + 1);
            for (int i = 0; i < offsets.Length; i++)
            {
                source.Read(offsets[i], tokens);
                tokens[..blockSize].CopyTo(x[(i * blockSize)..]);
                tokens[1..].CopyTo(y[(i * blockSize)..]);
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(window);
        }
    }

    /// <summary>Reads windows into tensors.</summary>
    /// <param name="source">The tokens.</param>
    /// <param name="offsets">The first token of each window.</param>
    /// <param name="blockSize">Tokens per window.</param>
    /// <param name="device">Where the tensors are to be; null for the CPU.</param>
    /// <returns>Tokens and targets, both I64 of shape [windows, block size]; they are the caller's.</returns>
    /// <exception cref="ArgumentException">A window is not in the data.</exception>
    /// <exception cref="TrainingDataException">What is stored is no token of the vocabulary, or the file changed.</exception>
    public static (Tensor X, Tensor Y) ReadBatch(this ITokenSource source, ReadOnlySpan<long> offsets, int blockSize, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        long[] x = new long[(long)offsets.Length * blockSize], y = new long[x.LongLength];
        source.ReadWindows(offsets, blockSize, x, y);
        return (tensor(x, [offsets.Length, blockSize], device: device), tensor(y, [offsets.Length, blockSize], device: device));
    }
}
