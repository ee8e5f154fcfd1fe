using System.Buffers;
using Importer.Sources;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Inspection.Statistics;

/// <summary>Computes the statistics of tensors: a few at once, each in blocks, none held as a whole unless it is small.</summary>
internal sealed class TensorMeasurer(TensorSource source, int bins, Action<long>? progress)
{
    // A multiple of every element's size, and of two F4 in a byte.
    private const int BlockBytes = 1 << 20;
    private const int PortionValues = 2048;
    private const int MaxWorkers = 4;

    /// <summary>The bytes that measuring reads, for progress.</summary>
    public static long BytesToRead(TensorSource source, int bins) => source.Tensors.Sum(tensor => tensor.ByteCount) * (bins > 0 ? 2 : 1);

    /// <summary>Measures every tensor.</summary>
    /// <returns>What was found, in the order of the tensors.</returns>
    public MeasuredTensor[] MeasureAll(CancellationToken cancellationToken)
    {
        var results = new MeasuredTensor[source.Tensors.Count];
        var options = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 1, MaxWorkers),
        };
        try
        {
            Parallel.For(0, results.Length, options, i => results[i] = TryMeasure(source.Tensors[i], cancellationToken));
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return results;
    }

    // Data of one tensor that is not what its dtype allows says nothing of the others; a file that was cut or changed does.
    private MeasuredTensor TryMeasure(SourceTensor tensor, CancellationToken cancellationToken)
    {
        try
        {
            return new MeasuredTensor(Measure(tensor, cancellationToken), null);
        }
        catch (IOException e) when (e is SafeTensorDataException { Kind: SafeTensorErrorKind.InvalidBool }
            or CheckpointDataException { Kind: CheckpointErrorKind.InvalidBool })
        {
            return new MeasuredTensor(null, e);
        }
    }

    /// <summary>Measures one tensor.</summary>
    /// <returns>Its statistics; null where its elements are no numbers.</returns>
    public TensorStatistics? Measure(SourceTensor tensor, CancellationToken cancellationToken)
    {
        if (!ElementDecoder.CanDecode(tensor.DType))
        {
            progress?.Invoke(tensor.ByteCount * (bins > 0 ? 2 : 1));
            return null;
        }

        byte[] block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            var accumulator = new StatisticsAccumulator();
            Pass(tensor, block, isRead: false, accumulator.Add, cancellationToken);
            var statistics = accumulator.Finish();
            if (bins == 0)
            {
                return statistics;
            }

            if (statistics is not { Min: { } min, Max: { } max })
            {
                progress?.Invoke(tensor.ByteCount);
                return statistics;
            }

            var counts = new HistogramCounts(min, max, bins);
            Pass(tensor, block, isRead: tensor.ByteCount <= BlockBytes, counts.Add, cancellationToken);
            return statistics with { Histogram = counts.Finish() };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private void Pass(SourceTensor tensor, byte[] block, bool isRead, ValuesAction action, CancellationToken cancellationToken)
    {
        Span<double> values = stackalloc double[PortionValues];
        int portionBytes = (int)(PortionValues * (long)DTypes.BitSize(tensor.DType) / 8 / (tensor.DType == DType.C64 ? 2 : 1));
        for (long offset = 0; offset < tensor.ByteCount; offset += BlockBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = block.AsSpan(0, (int)Math.Min(BlockBytes, tensor.ByteCount - offset));
            if (!isRead)
            {
                source.Read(tensor, offset, bytes);
            }

            for (int at = 0; at < bytes.Length; at += portionBytes)
            {
                var portion = bytes.Slice(at, Math.Min(portionBytes, bytes.Length - at));
                var decoded = values[..(int)ElementDecoder.Values(tensor.DType, portion.Length)];
                ElementDecoder.Decode(portion, tensor.DType, decoded);
                action(decoded);
            }

            progress?.Invoke(bytes.Length);
        }
    }

    private delegate void ValuesAction(Span<double> values);
}
