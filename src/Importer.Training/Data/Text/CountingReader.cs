namespace Importer.Training.Data;

/// <summary>Counts the characters (Unicode code points) of a text while somebody reads it.</summary>
internal sealed class CountingReader(TextReader text) : TextReader
{
    public long CodePoints { get; private set; }

    public override int Peek() => text.Peek();

    public override int Read()
    {
        Span<char> one = stackalloc char[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        int read = text.Read(buffer);
        CodePoints += Data.CodePoints.Count(buffer[..read]);
        return read;
    }
}
