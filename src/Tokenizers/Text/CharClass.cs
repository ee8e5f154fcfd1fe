using System.Globalization;
using System.Runtime.CompilerServices;

namespace PretrainedTokenizers;

/// <summary>
/// The classes that pre-tokenizers' patterns speak of, as Oniguruma (which Hugging Face's tokenizers use) has them: \p{L} and \p{N} by
/// general category of code points, \s by the property White_Space. .NET 10 and Oniguruma 6.9.10 agree on every code point (both are
/// Unicode 16).
/// </summary>
internal static class CharClass
{
    public const byte Letter = 1;
    public const byte Number = 2;
    public const byte Space = 4;

    /// <summary>\w of Rust's regex: letters, marks, decimal and letter numbers, connectors, joiners and circled letters.</summary>
    public const byte Word = 8;

    private static readonly byte[] Bmp = Build();

    /// <summary>The class of a unit; of a surrogate, whether or not it is part of a pair, none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte OfUnit(char c) => Bmp[c];

    /// <summary>The class of the code point at an index, and its length in UTF-16 units. A lone surrogate counts as U+FFFD.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte At(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index];
        if (char.IsSurrogate(c))
        {
            return Supplementary(text, index, out length);
        }

        length = 1;
        return Bmp[c];
    }

    /// <summary>The end of the run of code points of a class that begins at an index.</summary>
    public static int RunEnd(ReadOnlySpan<char> text, int index, byte classes)
    {
        byte[] bmp = Bmp;
        while (index < text.Length)
        {
            char c = text[index];
            if ((bmp[c] & classes) != 0)
            {
                index++;
            }
            else if (char.IsSurrogate(c) && (Supplementary(text, index, out int length) & classes) != 0)
            {
                index += length;
            }
            else
            {
                break;
            }
        }

        return index;
    }

    /// <summary>The end of the run of code points that are in none of the classes.</summary>
    public static int RunEndExcept(ReadOnlySpan<char> text, int index, byte classes)
    {
        byte[] bmp = Bmp;
        while (index < text.Length)
        {
            char c = text[index];
            if (!char.IsSurrogate(c))
            {
                if ((bmp[c] & classes) != 0)
                {
                    break;
                }

                index++;
            }
            else if ((Supplementary(text, index, out int length) & classes) == 0)
            {
                index += length;
            }
            else
            {
                break;
            }
        }

        return index;
    }

    /// <summary>The class of the code point that ends before an index.</summary>
    public static byte Before(ReadOnlySpan<char> text, int index) =>
        index >= 2 && char.IsSurrogatePair(text[index - 2], text[index - 1])
            ? Of(char.ConvertToUtf32(text[index - 2], text[index - 1]))
            : Bmp[text[index - 1]];

    private static byte Supplementary(ReadOnlySpan<char> text, int index, out int length)
    {
        if (index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]))
        {
            length = 2;
            return Of(char.ConvertToUtf32(text[index], text[index + 1]));
        }

        length = 1;
        return 0;
    }

    private static byte Of(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.OtherLetter => Letter | Word,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber => Number | Word,
        UnicodeCategory.OtherNumber => Number,
        <= UnicodeCategory.EnclosingMark or UnicodeCategory.ConnectorPunctuation => Word,
        _ => codePoint switch
        {
            '\u200C' or '\u200D' => Word,
            >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189 => Word,
            <= char.MaxValue when char.IsWhiteSpace((char)codePoint) => Space,
            _ => 0,
        },
    };

    private static byte[] Build()
    {
        byte[] classes = new byte[char.MaxValue + 1];
        for (int c = 0; c < classes.Length; c++)
        {
            classes[c] = char.IsSurrogate((char)c) ? (byte)0 : Of(c);
        }

        return classes;
    }
}
