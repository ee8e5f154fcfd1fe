using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Mapping.Operations;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Transfer;

/// <summary>
/// Produces the bytes of a plan's rows in the order of their targets, for writing: blocks of a few megabytes, converted
/// and transposed. A matrix that is transposed is held once, in the dtype it is written in; nothing else is.
/// </summary>
internal sealed unsafe class RowStream : IDisposable
{
    private const int BlockBytes = 4 << 20;
    private readonly TensorSource _source;
    private byte* _block = Allocate(BlockBytes);
    private byte* _raw;
    private byte* _matrix;
    private long _matrixBytes;

    public RowStream(TensorSource source) => _source = source;

    /// <summary>Writes the target's bytes of one row, all of them.</summary>
    public void Write(PlanRow row, Stream output, CancellationToken cancellationToken)
    {
        if (row.Operation is TransposeOperation)
        {
            WriteTransposed(row, output, cancellationToken);
            return;
        }

        int outSize = SizeOf(row.DType);
        long elements = row.ByteCount / outSize;
        for (long first = 0; first < elements; first += BlockBytes / 8)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(BlockBytes / 8, elements - first);
            var block = new Span<byte>(_block, count * outSize);
            Read(row, first, count, block);
            output.Write(block);
        }
    }

    /// <summary>Frees the scratch memory.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_block);
        NativeMemory.AlignedFree(_raw);
        NativeMemory.AlignedFree(_matrix);
        _block = _raw = _matrix = null;
    }

    private void WriteTransposed(PlanRow row, Stream output, CancellationToken cancellationToken)
    {
        long rows = row.Source.Shape[0], columns = row.Source.Shape[1];
        int size = SizeOf(row.DType);
        if (_matrixBytes < row.ByteCount)
        {
            NativeMemory.AlignedFree(_matrix);
            _matrix = null;
            _matrix = Allocate(row.ByteCount);
            _matrixBytes = row.ByteCount;
        }

        for (long first = 0; first < rows * columns; first += BlockBytes / 8)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(BlockBytes / 8, rows * columns - first);
            Read(row, first, count, new Span<byte>(_matrix + (nint)first * size, count * size));
        }

        // One column of the source is one row of what is written. A column longer than the block goes out in pieces.
        long columnsPerBlock = Math.Max(1, BlockBytes / Math.Max(1, rows * size));
        long rowsPerBlock = Math.Min(rows, BlockBytes / size);
        for (long column = 0; column < columns; column += columnsPerBlock)
        {
            long count = Math.Min(columnsPerBlock, columns - column);
            for (long first = 0; first < rows; first += rowsPerBlock)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long part = Math.Min(rowsPerBlock, rows - first);
                BlockedTranspose.Transpose(
                    _matrix + (nint)((first * columns + column) * size), (nint)(columns * size), part, count, _block, (nint)(part * size), size);
                output.Write(new ReadOnlySpan<byte>(_block, checked((int)(part * count * size))));
            }
        }
    }

    private void Read(PlanRow row, long first, int count, Span<byte> destination)
    {
        int inSize = SizeOf(row.Source.DType);
        if (!row.IsCast)
        {
            _source.Read(row.Source, first * inSize, destination);
            return;
        }

        if (_raw is null)
        {
            _raw = Allocate(BlockBytes);
        }

        var raw = new Span<byte>(_raw, count * inSize);
        _source.Read(row.Source, first * inSize, raw);
        DTypeConverter.Convert(raw, row.Source.DType, destination, row.DType);
    }

    private static int SizeOf(DType dtype) => DTypes.BitSize(dtype) / 8;

    private static byte* Allocate(long bytes) => (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
}
