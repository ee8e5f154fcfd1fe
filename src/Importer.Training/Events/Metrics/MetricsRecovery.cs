using Importer.IO;

namespace Importer.Training.Events;

/// <summary>What of a file of metrics stays when a run goes on from a checkpoint.</summary>
/// <param name="Length">So much from its beginning.</param>
/// <param name="Again">And of the rest these lines: what is known of saves and processes, and what was measured and not yet written.</param>
/// <param name="IsWhole">Whether nothing before the checkpoint is missing.</param>
internal sealed record MetricsRecovery(long Length, IReadOnlyList<byte[]> Again, bool IsWhole)
{
    private static readonly int MaxLineBytes = new MetricsReadOptions().MaxLineBytes;

    /// <summary>Looks at the file; changes nothing.</summary>
    /// <param name="path">The file, which need not be there.</param>
    /// <param name="steps">Updates of the checkpoint.</param>
    /// <param name="mark">Where the metrics were then; null where nobody knows.</param>
    public static MetricsRecovery Find(string path, long steps, MetricsMark? mark)
    {
        IReadOnlyList<byte[]> unwritten = mark?.Unwritten ?? [];
        if (!RegularFile.Exists(path))
        {
            return new MetricsRecovery(0, unwritten, mark is null or { Length: 0 });
        }

        bool isWhole = mark is null || EndsLine(path, mark.Length);
        long length = mark is not null && isWhole ? mark.Length : Before(path, steps);
        return new MetricsRecovery(length, [.. unwritten, .. Facts(path, length, steps)], isWhole);
    }

    // Where the first line begins that the run is going to write again, or that is none.
    private static long Before(string path, long steps)
    {
        long end = 0;
        foreach (var line in MetricsLines.Read(path, 0, MaxLineBytes))
        {
            var entry = Parse(line, out bool isBroken);
            if (isBroken || (entry is StepMetrics && entry.Step > steps) || (entry is EvaluationMetrics && entry.Step >= steps))
            {
                break;
            }

            end = line.End;
        }

        return end;
    }

    // Checkpoints and processes do not become undone with the updates. The checkpoint's own line is always behind its mark.
    private static List<byte[]> Facts(string path, long offset, long steps)
    {
        List<byte[]> facts = [];
        foreach (var line in MetricsLines.Read(path, offset, MaxLineBytes))
        {
            if (Parse(line, out _) is RunMetrics || (Parse(line, out _) is SaveMetrics save && save.Step <= steps))
            {
                facts.Add([.. line.Content!.Value.Span, (byte)'\n']);
            }
        }

        return facts;
    }

    private static MetricsEntry? Parse(MetricsLines.Line line, out bool isBroken)
    {
        isBroken = false;
        try
        {
            if (line.Content is { } content)
            {
                return MetricsJson.Parse(content);
            }
        }
        catch (FormatException)
        {
        }

        isBroken = true;
        return null;
    }

    private static bool EndsLine(string path, long length)
    {
        if (length == 0)
        {
            return true;
        }

        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] last = new byte[1];
        return RandomAccess.GetLength(handle) >= length && RandomAccess.Read(handle, last, length - 1) == 1 && last[0] == '\n';
    }
}
