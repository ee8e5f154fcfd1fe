namespace PyTorchCheckpoints;

/// <summary>Arithmetic on shapes that a file tells, where any product may overflow.</summary>
internal static class TensorShape
{
    /// <summary>The number of elements, when all dimensions are from 0 and the elements' bytes are at most 2^63-1.</summary>
    public static bool TryCount(ReadOnlySpan<long> shape, int elementSize, out long count)
    {
        count = 1;
        bool zero = shape.Contains(0);
        foreach (long dimension in shape)
        {
            if (dimension < 0)
            {
                return false;
            }

            if (!zero)
            {
                Int128 product = (Int128)count * dimension;
                if (product > long.MaxValue / elementSize)
                {
                    return false;
                }

                count = (long)product;
            }
        }

        count = zero ? 0 : count;
        return true;
    }

    /// <summary>The number of elements of a shape that is known to be valid.</summary>
    public static long ElementCount(ReadOnlySpan<long> shape)
    {
        _ = TryCount(shape, 1, out long count);
        return count;
    }

    /// <summary>
    /// The index, in elements, of the last element that a non-empty tensor touches; over <paramref name="limit"/> when it is beyond it.
    /// </summary>
    public static Int128 LastIndex(ReadOnlySpan<long> shape, ReadOnlySpan<long> stride, Int128 offset, Int128 limit)
    {
        Int128 last = offset;
        for (int i = 0; i < shape.Length && last <= limit; i++)
        {
            last += (Int128)(shape[i] - 1) * stride[i];
        }

        return last;
    }

    public static long[] ContiguousStride(ReadOnlySpan<long> shape)
    {
        long[] stride = new long[shape.Length];
        long next = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            stride[i] = next;
            next = unchecked(next * Math.Max(shape[i], 1));
        }

        return stride;
    }

    public static bool IsContiguous(ReadOnlySpan<long> shape, ReadOnlySpan<long> stride, long count)
    {
        long expected = 1;
        for (int i = shape.Length - 1; i >= 0 && count > 0; i--)
        {
            if (shape[i] == 1)
            {
                // The only index is 0, whatever the stride.
                continue;
            }

            if (stride[i] != expected)
            {
                return false;
            }

            expected *= shape[i];
        }

        return true;
    }
}
