namespace Importer.Training.Data;

/// <summary>The next so many characters (Unicode code points) of a text, and not one more.</summary>
internal sealed class PartReader(TextReader text, long codePoints) : TextReader
{
    private long _left = codePoints;
    private bool _insidePair;

    public override int Peek() => _left > 0 || _insidePair ? text.Peek() : -1;

    public override int Read()
    {
        Span<char> one = stackalloc char[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    // As many units as code points are left never hold more of these; the second half of a pair belongs to the first.
    public override int Read(Span<char> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, Math.Max(_left, _insidePair ? 1 : 0));
        int read = wanted == 0 ? 0 : text.Read(buffer[..wanted]);
        _left -= CodePoints.Count(buffer[..read]);
        _insidePair = read > 0 ? char.IsHighSurrogate(buffer[read - 1]) : _insidePair && wanted == 0;
        return read;
    }
}
