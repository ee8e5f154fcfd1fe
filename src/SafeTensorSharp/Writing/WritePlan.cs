namespace SafeTensorSharp;

/// <summary>
/// A file before it is written: the tensors in order, the header's bytes and the total length (R23). All problems are found here, before
/// a file is created.
/// </summary>
internal sealed class WritePlan
{
    private WritePlan(SafeTensorEntry[] entries, long[] byteCounts, byte[] start, SafeTensorHeader header)
    {
        Entries = entries;
        ByteCounts = byteCounts;
        Start = start;
        Header = header;
    }

    /// <summary>In the order in which they are written.</summary>
    public SafeTensorEntry[] Entries { get; }

    /// <summary>The bytes of each of <see cref="Entries"/>.</summary>
    public long[] ByteCounts { get; }

    /// <summary>The first bytes of the file: the header's length, the header, its padding.</summary>
    public byte[] Start { get; }

    /// <summary><see cref="Start"/> as a reader sees it.</summary>
    public SafeTensorHeader Header { get; }

    public static WritePlan Create(
        string path, IEnumerable<SafeTensorEntry> tensors, IReadOnlyDictionary<string, string>? metadata, SafeTensorWriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        SafeTensorEntry[] entries = [.. tensors];
        List<SafeTensorProblem> problems = EntryChecks.Check(entries, metadata, options.Limits);
        ThrowIfAny(problems, path);
        Array.Sort(entries, Compare);
        long[] byteCounts = new long[entries.Length];
        byte[] start = HeaderWriter.Write(entries, byteCounts, metadata, options, path);
        // Reading it back makes sure that no file is ever written which this library would refuse.
        long total = byteCounts.Aggregate((long)start.Length, (sum, count) => checked(sum + count));
        SafeTensorHeader header = SafeTensorHeader.Parse(start, total, new SafeTensorReadOptions { Limits = options.Limits }, path);
        return new WritePlan(entries, byteCounts, start, header);
    }

    public static void ThrowIfAny(List<SafeTensorProblem> problems, string? path)
    {
        if (problems.Count > 0)
        {
            throw new SafeTensorWriteException(problems, "Correct the tensors' names and shapes; nothing was written.", path);
        }
    }

    // As the reference writes: larger elements first, so that every tensor is aligned, then by the bytes of the name.
    private static int Compare(SafeTensorEntry left, SafeTensorEntry right)
    {
        int order = ((int)right.DType).CompareTo((int)left.DType);
        return order != 0 ? order : CompareUtf8(left.Name, right.Name);
    }

    // The order of UTF-8 bytes is that of code points, which UTF-16 breaks above U+FFFF.
    private static int CompareUtf8(string left, string right)
    {
        int common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        (char a, char b) = (left[common], right[common]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
    }
}
