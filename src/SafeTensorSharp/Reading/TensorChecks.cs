using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>Applies the options' value checks to a part of a tensor and says where in the file a value is wrong.</summary>
internal static class TensorChecks
{
    public static bool AreNeeded(SafeTensorInfo tensor, SafeTensorReadOptions options) =>
        tensor.DType == DType.Bool ? options.Bools != BoolPolicy.Keep : options.CheckValues;

    /// <summary>Checks bytes that were read from <paramref name="offset"/> within the tensor, and normalises them where asked.</summary>
    public static void Apply(SafeTensorInfo tensor, Span<byte> bytes, long offset, SafeTensorReadOptions options, string? path)
    {
        if (tensor.DType == DType.Bool && options.Bools == BoolPolicy.Normalize)
        {
            ValueChecks.NormalizeBools(bytes);
            return;
        }

        Check(tensor, bytes, offset, options, path);
    }

    /// <summary>Checks bytes that cannot be changed: a <c>BOOL</c> byte to be normalised is an error too.</summary>
    public static void Check(SafeTensorInfo tensor, ReadOnlySpan<byte> bytes, long offset, SafeTensorReadOptions options, string? path)
    {
        if (tensor.DType == DType.Bool)
        {
            int index = options.Bools == BoolPolicy.Keep ? -1 : ValueChecks.FirstInvalidBool(bytes);
            if (index >= 0)
            {
                throw new SafeTensorDataException(
                    SafeTensorErrorKind.InvalidBool,
                    Invariant($"Element {offset + index} of a BOOL tensor is {bytes[index]}, neither 0 nor 1"),
                    $"To take it as true, read with {nameof(BoolPolicy)}.{nameof(BoolPolicy.Normalize)}.",
                    path,
                    tensor.FileOffset + offset + index,
                    tensor.Name,
                    offset + index);
            }
        }
        else if (options.CheckValues)
        {
            CheckFinite(tensor, bytes, offset, path);
        }
    }

    private static void CheckFinite(SafeTensorInfo tensor, ReadOnlySpan<byte> bytes, long offset, string? path)
    {
        // A part may begin or end within an element; only whole ones are looked at.
        int size = Math.Max(1, DTypes.BitSize(tensor.DType) / 8);
        int skipped = (int)Math.Min((size - (offset % size)) % size, bytes.Length);
        bytes = bytes[skipped..];
        bytes = bytes[..(bytes.Length - (bytes.Length % size))];
        int found = ValueChecks.FirstNonFinite(bytes, tensor.DType);
        if (found >= 0)
        {
            long element = (offset + skipped + found) / size;
            throw new SafeTensorDataException(
                SafeTensorErrorKind.NonFiniteValue,
                Invariant($"Element {element} is NaN or infinite"),
                "Weights of a trained model are finite: take another checkpoint, or read without CheckValues if this is intended.",
                path,
                tensor.FileOffset + (element * size),
                tensor.Name,
                element);
        }
    }
}
