using System.Buffers;
using System.Runtime.InteropServices;

namespace PyTorchCheckpoints;

/// <summary>
/// Reads elements that do not lie in a row: transposed, sliced and expanded tensors. What is wanted is cut into boxes; of each, what
/// lies close together in the file is read at once, through a window of a megabyte, and put in its places.
/// </summary>
internal static class TensorGather
{
    private const int WindowBytes = 1 << 20;

    // Reading so many bytes for nothing costs less than another call.
    private const int GapBytes = 4096;

    /// <summary>Reads some of a tensor's elements, in C order.</summary>
    /// <param name="source">The file.</param>
    /// <param name="storageOffset">Where the tensor's storage begins in the file.</param>
    /// <param name="tensor">The tensor, which has elements.</param>
    /// <param name="first">The index of the first element.</param>
    /// <param name="destination">Filled with whole elements.</param>
    public static void Read(ByteSource source, long storageOffset, PyTorchTensor tensor, long first, Span<byte> destination)
    {
        byte[] window = ArrayPool<byte>.Shared.Rent(WindowBytes);
        try
        {
            Walk walk = new(source, storageOffset, tensor, window);
            walk.Run(0, tensor.StorageOffset, first, destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    /// <summary>One dimension of a box: its size, and how far apart neighbours are in the storage and in the destination.</summary>
    private readonly record struct Dimension(long Size, long Stride, int Target);

    private readonly ref struct Walk(ByteSource source, long storageOffset, PyTorchTensor tensor, byte[] window)
    {
        private readonly int _size = TorchDTypes.ElementSize(tensor.DType);

        // The elements from an index on, within the dimensions from one on: a part of the first slice, whole slices, a part of the last.
        public void Run(int dimension, long place, long first, Span<byte> destination)
        {
            long inner = 1;
            for (int i = dimension + 1; i < tensor.Shape.Count; i++)
            {
                inner *= tensor.Shape[i];
            }

            long stride = dimension < tensor.Shape.Count ? tensor.Stride[dimension] : 0;
            long index = first / inner, skip = first % inner;
            while (destination.Length > 0)
            {
                long count = destination.Length / _size;
                long slices = skip == 0 ? count / inner : 0;
                long taken = slices > 0 ? slices * inner : Math.Min(inner - skip, count);
                Span<byte> part = destination[..(int)(taken * _size)];
                if (slices > 0)
                {
                    Box(dimension, place + (index * stride), slices, part);
                }
                else
                {
                    Run(dimension + 1, place + (index * stride), skip, part);
                }

                destination = destination[part.Length..];
                index += Math.Max(slices, 1);
                skip = 0;
            }
        }

        private void Box(int first, long place, long slices, Span<byte> destination)
        {
            List<Dimension> dimensions = [];
            int target = 1;
            for (int i = tensor.Shape.Count - 1; i >= first; i--)
            {
                long size = i == first ? slices : tensor.Shape[i];
                if (size > 1)
                {
                    dimensions.Add(new Dimension(size, tensor.Stride[i], target));
                }

                target = (int)(target * size);
            }

            dimensions.Sort((a, b) => a.Stride.CompareTo(b.Stride));
            Outer([.. dimensions], place, destination);
        }

        // Takes into the window, from the closest neighbours on, as many dimensions as are dense and fit; loops over the others.
        private void Outer(ReadOnlySpan<Dimension> dimensions, long place, Span<byte> destination)
        {
            long span = 1;
            int inside = 0;
            while (inside < dimensions.Length && IsDense(dimensions[inside], span) && Fits(dimensions[inside], dimensions[inside].Size, span))
            {
                span += (dimensions[inside].Size - 1) * dimensions[inside].Stride;
                inside++;
            }

            Dimension[] within = dimensions[..inside].ToArray();
            if (inside == dimensions.Length)
            {
                Window(within, place, span, destination);
                return;
            }

            // A dense dimension that does not fit is cut into pieces that do; one that is not dense goes index by index.
            Dimension next = dimensions[inside];
            long piece = IsDense(next, span) ? Math.Max(1, (((WindowBytes / _size) - span) / Math.Max(next.Stride, 1)) + 1) : 1;
            Dimension[] rest = dimensions[(inside + 1)..].ToArray();
            long[] indices = new long[rest.Length];
            do
            {
                long start = place, target = 0;
                for (int i = 0; i < rest.Length; i++)
                {
                    start += indices[i] * rest[i].Stride;
                    target += indices[i] * rest[i].Target;
                }

                for (long i = 0; i < next.Size; i += piece)
                {
                    long count = Math.Min(piece, next.Size - i);
                    Window(
                        [.. within, next with { Size = count }], start + (i * next.Stride), span + ((count - 1) * next.Stride),
                        destination[(int)((target + (i * next.Target)) * _size)..]);
                }
            }
            while (Advance(indices, rest));
        }

        private bool IsDense(Dimension dimension, long span) => (dimension.Stride - span) * _size <= GapBytes;

        private bool Fits(Dimension dimension, long count, long span) =>
            (Int128)(count - 1) * dimension.Stride + span <= WindowBytes / _size;

        private void Window(ReadOnlySpan<Dimension> dimensions, long place, long span, Span<byte> destination)
        {
            Span<byte> bytes = window.AsSpan(0, (int)(span * _size));
            source.ReadExactly(bytes, storageOffset + (place * _size), tensor.Name);
            switch (_size)
            {
                case 1:
                    Place<byte>(dimensions, bytes, destination);
                    break;
                case 2:
                    Place<ushort>(dimensions, bytes, destination);
                    break;
                case 4:
                    Place<uint>(dimensions, bytes, destination);
                    break;
                case 8:
                    Place<ulong>(dimensions, bytes, destination);
                    break;
                default:
                    Place<UInt128>(dimensions, bytes, destination);
                    break;
            }
        }

        private static void Place<T>(ReadOnlySpan<Dimension> dimensions, ReadOnlySpan<byte> bytes, Span<byte> destination)
            where T : unmanaged
        {
            ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(bytes);
            Span<T> to = MemoryMarshal.Cast<byte, T>(destination);
            Dimension run = dimensions.Length > 0 ? dimensions[0] : new Dimension(1, 1, 1);
            ReadOnlySpan<Dimension> rest = dimensions.Length > 0 ? dimensions[1..] : [];
            long[] indices = new long[rest.Length];
            do
            {
                int source = 0, target = 0;
                for (int i = 0; i < rest.Length; i++)
                {
                    source += (int)(indices[i] * rest[i].Stride);
                    target += (int)(indices[i] * rest[i].Target);
                }

                if (run is { Stride: 1, Target: 1 })
                {
                    from.Slice(source, (int)run.Size).CopyTo(to[target..]);
                    continue;
                }

                for (int i = 0; i < run.Size; i++, source += (int)run.Stride, target += run.Target)
                {
                    to[target] = from[source];
                }
            }
            while (Advance(indices, rest));
        }

        private static bool Advance(Span<long> indices, ReadOnlySpan<Dimension> dimensions)
        {
            for (int i = 0; i < indices.Length; i++)
            {
                if (++indices[i] < dimensions[i].Size)
                {
                    return true;
                }

                indices[i] = 0;
            }

            return false;
        }
    }
}
