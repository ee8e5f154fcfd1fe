using System.Buffers;
using System.Text;
using SharedSource.Text;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>Checks what is to be written, and tells everything that is wrong with it.</summary>
internal static class EntryChecks
{
    private const string MetadataKey = "__metadata__";

    public static List<SafeTensorProblem> Check(
        IReadOnlyCollection<SafeTensorEntry> entries, IReadOnlyDictionary<string, string>? metadata, SafeTensorLimits limits)
    {
        List<SafeTensorProblem> problems = [];
        HashSet<string> names = new(entries.Count, StringComparer.Ordinal);
        UInt128 total = 0;
        foreach (SafeTensorEntry entry in entries)
        {
            CheckName(entry.Name, limits, problems);
            if (!names.Add(entry.Name))
            {
                problems.Add(Problem(SafeTensorErrorKind.DuplicateKey, entry, "occurs twice"));
            }

            if (TryGetByteCount(entry, limits, problems, out long bytes))
            {
                total += (ulong)bytes;
            }
        }

        if (total > long.MaxValue)
        {
            problems.Add(new SafeTensorProblem(SafeTensorErrorKind.ValidationOverflow, "The tensors take over 2^63-1 bytes together"));
        }

        CheckCount("tensors", entries.Count, limits.MaxTensors, problems);
        CheckCount($"entries of {MetadataKey}", metadata?.Count ?? 0, limits.MaxMetadataEntries, problems);
        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
        {
            if (value is null || !IsUnicode(key) || !IsUnicode(value))
            {
                problems.Add(new SafeTensorProblem(
                    SafeTensorErrorKind.InvalidMetadata, $"The metadata {Escape.Quote(key)} is null or not valid Unicode"));
            }
        }

        return problems;
    }

    private static bool TryGetByteCount(SafeTensorEntry entry, SafeTensorLimits limits, List<SafeTensorProblem> problems, out long bytes)
    {
        bytes = 0;
        if (entry.Shape.Count > limits.MaxRank)
        {
            problems.Add(Problem(
                SafeTensorErrorKind.LimitExceeded, entry,
                Invariant($"has {entry.Shape.Count} dimensions, where {limits.MaxRank} are allowed")));
            return false;
        }

        if (entry.Shape.Any(d => d < 0))
        {
            problems.Add(Problem(SafeTensorErrorKind.InvalidShape, entry, "has a negative dimension"));
            return false;
        }

        try
        {
            bytes = entry.GetByteCount();
            return true;
        }
        catch (OverflowException)
        {
            problems.Add(Problem(SafeTensorErrorKind.ValidationOverflow, entry, "takes over 2^63-1 bytes"));
        }
        catch (ArgumentException)
        {
            problems.Add(Problem(
                SafeTensorErrorKind.MisalignedSlice, entry, $"is of {DTypes.Name(entry.DType)} and does not fill whole bytes"));
        }

        return false;
    }

    private static void CheckName(string name, SafeTensorLimits limits, List<SafeTensorProblem> problems)
    {
        if (name == MetadataKey)
        {
            problems.Add(new SafeTensorProblem(SafeTensorErrorKind.InvalidName, $"The name {MetadataKey} is reserved by the format", name));
        }
        else if (!IsUnicode(name))
        {
            problems.Add(new SafeTensorProblem(
                SafeTensorErrorKind.InvalidName,
                $"The name {Escape.Quote(name)} has half of a surrogate pair, which UTF-8 cannot hold",
                name));
        }
        else if (name.Length > limits.MaxNameBytes || Encoding.UTF8.GetByteCount(name) > limits.MaxNameBytes)
        {
            problems.Add(new SafeTensorProblem(
                SafeTensorErrorKind.LimitExceeded,
                Invariant($"The name {Escape.Quote(name)} takes over {limits.MaxNameBytes} bytes"),
                name));
        }
    }

    private static void CheckCount(string what, int count, int limit, List<SafeTensorProblem> problems)
    {
        if (count > limit)
        {
            problems.Add(new SafeTensorProblem(
                SafeTensorErrorKind.LimitExceeded, Invariant($"There are {count:N0} {what}, where {limit:N0} are allowed")));
        }
    }

    private static bool IsUnicode(string text)
    {
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out int consumed) != OperationStatus.Done)
            {
                return false;
            }

            rest = rest[consumed..];
        }

        return true;
    }

    private static SafeTensorProblem Problem(SafeTensorErrorKind kind, SafeTensorEntry entry, string what) =>
        new(kind, $"Tensor {Escape.Quote(entry.Name)} {what}", entry.Name);
}
