using Importer.IO;

namespace Importer.Training.Events;

/// <summary>The lines of a file that another process may be writing, one after the other, in the memory of one line.</summary>
internal static class MetricsLines
{
    private const int BufferSize = 1 << 16;

    /// <summary>A line without its end.</summary>
    /// <param name="Start">Its first byte's place in the file.</param>
    /// <param name="End">The place after its line feed.</param>
    /// <param name="Content">The bytes; valid until the next line is asked for. Null where there are more than the limit.</param>
    internal readonly record struct Line(long Start, long End, ReadOnlyMemory<byte>? Content);

    /// <summary>Whole lines from a place on: what comes after the last line feed is none.</summary>
    public static IEnumerable<Line> Read(string path, long offset, int maxBytes)
    {
        _ = RegularFile.Length(path);
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        byte[] buffer = new byte[BufferSize];
        var line = new MemoryStream();
        long position = offset, start = offset;
        int read;
        while ((read = RandomAccess.Read(handle, buffer, position)) > 0)
        {
            for (int at = 0; at < read;)
            {
                int end = buffer.AsSpan(at, read - at).IndexOf((byte)'\n');
                int count = end < 0 ? read - at : end;
                // One byte over the limit is remembered, so that a line of exactly that length is none too long.
                line.Write(buffer, at, (int)Math.Min(count, maxBytes + 1L - line.Length));
                at += count;
                if (end >= 0)
                {
                    at++;
                    yield return new Line(start, position + at, line.Length <= maxBytes ? line.GetBuffer().AsMemory(0, (int)line.Length) : null);
                    start = position + at;
                    line.SetLength(0);
                }
            }

            position += read;
        }
    }
}
