using System.Buffers;
using System.Text;

namespace PretrainedTokenizers;

/// <summary>
/// Decodes ids as they come. A character whose bytes are spread over several tokens comes out whole, with the token that completes it;
/// all that was returned together is what <see cref="Tokenizer.Decode"/> returns for all ids. Not safe for several threads.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    internal StreamingDecoder(Tokenizer tokenizer, bool skipSpecialTokens)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
    }

    /// <summary>Takes the next id.</summary>
    /// <returns>The text that is certain now and was not before; may be empty.</returns>
    public string Append(int id)
    {
        ReadOnlySpan<byte> bytes = Bytes(id);
        Span<char> text = bytes.Length < 128 ? stackalloc char[bytes.Length + 4] : new char[bytes.Length + 4];
        return new string(text[.._decoder.GetChars(bytes, text, flush: false)]);
    }

    /// <summary>Takes the next id and writes the text that is certain now.</summary>
    public void Append(int id, IBufferWriter<char> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        ReadOnlySpan<byte> bytes = Bytes(id);
        output.Advance(_decoder.GetChars(bytes, output.GetSpan(bytes.Length + 4), flush: false));
    }

    /// <summary>Ends the text.</summary>
    /// <returns>U+FFFD where a character is incomplete, else nothing. The decoder is then as new.</returns>
    public string Flush()
    {
        Span<char> text = stackalloc char[4];
        return new string(text[.._decoder.GetChars([], text, flush: true)]);
    }

    private ReadOnlySpan<byte> Bytes(int id) => _skipSpecialTokens && _tokenizer.IsSpecial(id) ? default : _tokenizer.GetTokenBytes(id);
}
