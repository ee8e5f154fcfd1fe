using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// The rules that concern all tensors together: in the order of their offsets each begins where the one before ends (R18), and the last
/// ends with the file (R19).
/// </summary>
internal static class HeaderLayout
{
    public static SafeTensorInfo[] SortAndCheck(List<SafeTensorInfo> tensors, long dataOffset, long fileLength, HeaderErrors errors)
    {
        SafeTensorInfo[] sorted = [.. tensors];
        if (!IsSorted(sorted))
        {
            Array.Sort(sorted, Compare);
        }

        long expected = 0;
        foreach (SafeTensorInfo tensor in sorted)
        {
            if (tensor.Begin != expected)
            {
                throw errors.At(
                    SafeTensorErrorKind.InvalidOffset, tensor.HeaderPosition,
                    Invariant($"data_offsets [{tensor.Begin}, {tensor.End}] leave {Describe(tensor.Begin, expected)} after {expected}"),
                    tensor.Name);
            }

            expected = tensor.End;
        }

        long available = fileLength - dataOffset;
        return expected == available ? sorted : throw Incomplete(sorted, expected, available, dataOffset, errors);
    }

    // Equal offsets are legal for empty tensors only; those keep the header's order.
    private static int Compare(SafeTensorInfo left, SafeTensorInfo right)
    {
        int order = left.Begin.CompareTo(right.Begin);
        order = order != 0 ? order : left.End.CompareTo(right.End);
        return order != 0 ? order : left.HeaderPosition.CompareTo(right.HeaderPosition);
    }

    private static bool IsSorted(SafeTensorInfo[] tensors)
    {
        for (int i = 1; i < tensors.Length; i++)
        {
            if (Compare(tensors[i - 1], tensors[i]) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static string Describe(long begin, long expected) => begin > expected
        ? Invariant($"a hole of {begin - expected} bytes")
        : Invariant($"an overlap of {expected - begin} bytes");

    private static SafeTensorFormatException Incomplete(
        SafeTensorInfo[] sorted, long expected, long available, long dataOffset, HeaderErrors errors)
    {
        // Where the file ends too early, or where what follows the tensors begins; given within the header, so without its 8 bytes.
        long position = dataOffset + Math.Min(expected, available) - SafeTensorHeader.LengthBytes;
        if (available > expected)
        {
            return errors.At(
                SafeTensorErrorKind.MetadataIncompleteBuffer, position,
                Invariant($"{available - expected:N0} bytes follow the last tensor and belong to none"),
                remedy: "Another file may be appended to this one, as a way to hide it; fetch it again from a source that you trust.");
        }

        SafeTensorInfo first = sorted.First(t => t.End > available);
        return errors.At(
            SafeTensorErrorKind.MetadataIncompleteBuffer, position,
            Invariant($"The file is {expected - available:N0} bytes short: its tensors take {expected:N0}, and {available:N0} are there"),
            first.Name,
            "The download or copy is incomplete; fetch the file again or resume it.");
    }
}
