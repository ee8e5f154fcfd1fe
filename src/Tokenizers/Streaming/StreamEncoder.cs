using System.Runtime.CompilerServices;

namespace PretrainedTokenizers;

/// <summary>Encodes a reader's text block by block.</summary>
internal sealed class StreamEncoder(Tokenizer tokenizer, EncodeOptions options, int bufferSize = 1 << 16)
{
    private char[] _buffer = new char[bufferSize];
    private int _count;

    // Boundaries up to here were looked for in vain, so that a long word is not searched again with every portion.
    private int _searched;
    private long _encoded;
    private bool _isFirst = true;

    public IEnumerable<TokenBlock> Encode(TextReader reader)
    {
        using PooledIds ids = new(_buffer.Length / 2);
        while (reader.Read(_buffer, _count, _buffer.Length - _count) is > 0 and var read)
        {
            if (Advance(read, ids))
            {
                yield return new TokenBlock(ids.WrittenMemory, _encoded);
                ids.Clear();
            }
        }

        yield return Finish(ids);
    }

    public async IAsyncEnumerable<TokenBlock> EncodeAsync(TextReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using PooledIds ids = new(_buffer.Length / 2);
        while (await reader.ReadAsync(_buffer.AsMemory(_count), cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            if (Advance(read, ids))
            {
                yield return new TokenBlock(ids.WrittenMemory, _encoded);
                ids.Clear();
            }
        }

        yield return Finish(ids);
    }

    // Encodes what is certain when the buffer is full.
    private bool Advance(int read, PooledIds ids)
    {
        _count += read;
        if (_count < _buffer.Length)
        {
            return false;
        }

        int cut = tokenizer.LastBoundary(_buffer.AsSpan(0, _count), _searched, options);
        if (cut < 0)
        {
            _searched = Math.Max(_count - 2, 0);
            Grow();
            return false;
        }

        EncodePart(cut, TextPart.Middle, ids);
        _buffer.AsSpan(cut, _count - cut).CopyTo(_buffer);
        _count -= cut;
        _searched = 0;
        return true;
    }

    private TokenBlock Finish(PooledIds ids)
    {
        EncodePart(_count, TextPart.Last, ids);
        return new TokenBlock(ids.WrittenMemory, _encoded);
    }

    private void EncodePart(int length, TextPart part, PooledIds ids)
    {
        IdWriter writer = new(ids);
        try
        {
            tokenizer.EncodePart(_buffer.AsSpan(0, length), options, _isFirst ? part | TextPart.First : part, ref writer);
        }
        catch (TokenizerTextException e)
        {
            throw new TokenizerTextException(e.Characters, _encoded + e.Position);
        }

        writer.Flush();
        _encoded += length;
        _isFirst = false;
    }

    private void Grow()
    {
        int limit = tokenizer.Limits.MaxStreamBuffer;
        if (_buffer.Length >= limit)
        {
            throw new TokenizerLimitException(
                "A word of the text is too long to be encoded from a stream, in characters", nameof(TokenizerLimits.MaxStreamBuffer),
                _count, limit);
        }

        Array.Resize(ref _buffer, (int)Math.Min(_buffer.Length * 2L, Math.Max(limit, 2)));
    }
}
