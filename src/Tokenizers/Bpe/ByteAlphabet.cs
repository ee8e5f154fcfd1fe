using System.Runtime.CompilerServices;
using System.Text;

namespace PretrainedTokenizers;

/// <summary>
/// GPT-2's bijection between bytes and printable characters, in which byte-level vocabularies are written (openai/gpt-2, src/encoder.py,
/// bytes_to_unicode): printable bytes are themselves, the others U+0100 and on, so a space is <c>Ġ</c>.
/// </summary>
internal static class ByteAlphabet
{
    private const int Last = 0x143;

    private static readonly char[] Chars = BuildChars();
    private static readonly short[] Bytes = BuildBytes();

    public static char ToChar(byte value) => Chars[value];

    /// <summary>The bytes that a token's UTF-8 text stands for.</summary>
    /// <returns>Their number; -1 where the text has characters outside the alphabet, or does not fit.</returns>
    // Loading calls it a hundred thousand times before tiered compilation would notice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Decode(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        int count = 0;
        while (!text.IsEmpty)
        {
            int c = text[0];
            int length = 1;
            if (c >= 0x80)
            {
                _ = Rune.DecodeFromUtf8(text, out Rune rune, out length);
                c = rune.Value;
            }

            if (c > Last || Bytes[c] < 0 || count == bytes.Length)
            {
                return -1;
            }

            bytes[count++] = (byte)Bytes[c];
            text = text[length..];
        }

        return count;
    }

    /// <summary>The text that stands for bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            text[i] = Chars[bytes[i]];
        }

        return new string(text);
    }

    /// <summary>Whether a byte occurs in UTF-8 at all.</summary>
    public static bool OccursInUtf8(int value) => value is not (0xC0 or 0xC1 or >= 0xF5);

    private static char[] BuildChars()
    {
        char[] chars = new char[256];
        int other = 0x100;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is >= 0x21 and <= 0x7E or >= 0xA1 and <= 0xAC or >= 0xAE;
            chars[value] = (char)(printable ? value : other++);
        }

        return chars;
    }

    private static short[] BuildBytes()
    {
        short[] bytes = new short[Last + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < 256; value++)
        {
            bytes[Chars[value]] = (short)value;
        }

        return bytes;
    }
}
