using System.Buffers;
using System.Buffers.Binary;
using Importer.Mapping;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Transfer;

/// <summary>Tensors whose content is known without reading them: made again for an export, verified where somebody asks.</summary>
internal static class RegenerableTensors
{
    /// <summary>Writes a tensor's bytes, all of them.</summary>
    public static void Write(GeneratedTensor tensor, Stream output, CancellationToken cancellationToken) =>
        Rows(tensor.Shape, tensor.DType, row => output.Write(row), cancellationToken);

    /// <summary>Checks that every dropped tensor of which the plan claims a content has it.</summary>
    /// <exception cref="DroppedTensorDiffersException">One has another content.</exception>
    public static void Verify(LoadPlan plan, TensorSource source, CancellationToken cancellationToken)
    {
        foreach (DroppedTensor dropped in plan.Dropped.Where(dropped => dropped.Content == DropContent.LowerTriangle))
        {
            long offset = 0;
            if (DTypes.BitSize(dropped.Source.DType) < 8)
            {
                throw new DroppedTensorDiffersException(dropped, 0);
            }

            void Compare(ReadOnlySpan<byte> row)
            {
                byte[] stored = ArrayPool<byte>.Shared.Rent(row.Length);
                source.Read(dropped.Source, offset, stored.AsSpan(0, row.Length));
                int same = row.CommonPrefixLength(stored.AsSpan(0, row.Length));
                ArrayPool<byte>.Shared.Return(stored);
                if (same < row.Length)
                {
                    throw new DroppedTensorDiffersException(dropped, offset + same);
                }

                offset += row.Length;
            }

            Rows(dropped.Source.Shape, dropped.Source.DType, Compare, cancellationToken);
        }
    }

    /// <summary>The bytes of a lower triangle, row by row.</summary>
    private static void Rows(IReadOnlyList<long> shape, DType dtype, RowAction action, CancellationToken cancellationToken)
    {
        long columns = shape[^1], rows = shape[^2], matrices = shape.SkipLast(2).Aggregate(1L, (product, size) => product * size);
        byte[] one = One(dtype);
        byte[] row = new byte[checked((int)(columns * one.Length))];
        for (long matrix = 0; matrix < matrices; matrix++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Array.Clear(row);
            for (long i = 0; i < rows; i++)
            {
                if (i < columns)
                {
                    one.CopyTo(row, (int)i * one.Length);
                }

                action(row);
            }
        }
    }

    private static byte[] One(DType dtype)
    {
        byte[] one = new byte[DTypes.BitSize(dtype) / 8];
        if (ParameterDTypes.Resolve(dtype, wanted: null) is null)
        {
            one[0] = 1;
            return one;
        }

        Span<byte> single = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(single, 1);
        DTypeConverter.Convert(single, DType.F32, one, dtype);
        return one;
    }

    private delegate void RowAction(ReadOnlySpan<byte> row);
}
