using System.Text.RegularExpressions;
using PretrainedTokenizers;

namespace Tokenizers.Tests.PreTokenization;

/// <summary>
/// The scanners beside .NET's regular expressions, on texts without surrogates: there, the classes are the same, and only the engine is what
/// the scanners do without.
/// </summary>
public sealed class ScannerTests
{
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Head = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|";
    private const string Tail = @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Llama3 = Head + @"\p{N}{1,3}|" + Tail;
    private const string Qwen2 = Head + @"\p{N}|" + Tail;

    private static readonly string[] Alphabet =
        [.. "a b c s t l L S d D m v e é 中 文 1 2 ½ ٣ ' ' ! . - _ ( \u0301 \u200d \ufffd".Split(' '), " ", " ", "  ", "\n", "\r", "\t", "\u00a0", "\u3000", "\u0085", "\u001c", "\u180e"];

    [Theory]
    [InlineData(Gpt2)]
    [InlineData(Llama3)]
    [InlineData(Qwen2)]
    public void Every_short_text_of_a_small_alphabet_is_cut_as_the_pattern_says(string pattern)
    {
        PieceScanner scanner = KnownPatterns.Find(pattern)!;
        Regex regex = new(pattern, RegexOptions.CultureInvariant);
        string[] small = ["a", "s", "1", "'", "!", " ", "\n", "\t"];
        foreach (string text in Texts(small, 5))
        {
            Check(scanner, regex, text);
        }
    }

    [Theory]
    [InlineData(Gpt2)]
    [InlineData(Llama3)]
    [InlineData(Qwen2)]
    public void Random_texts_are_cut_as_the_pattern_says(string pattern)
    {
        PieceScanner scanner = KnownPatterns.Find(pattern)!;
        Regex regex = new(pattern, RegexOptions.CultureInvariant);
        Random random = new(1);
        for (int i = 0; i < 20_000; i++)
        {
            Check(scanner, regex, string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => Alphabet[random.Next(Alphabet.Length)])));
        }
    }

    [Fact]
    public void Letters_and_numbers_beyond_the_first_plane_are_whole()
    {
        PieceScanner scanner = KnownPatterns.Find(Gpt2)!;
        Assert.Equal(["𝐀𝐁a", "𝟏2", "😀👍", " 𝐀"], Pieces(scanner, "𝐀𝐁a𝟏2😀👍 𝐀"));
        Assert.Equal(["😀𝐀", "𝟏2𝟑", "4"], Pieces(KnownPatterns.Find(Llama3)!, "😀𝐀𝟏2𝟑4"));
        Assert.Equal(["a", "\uD83D", "b"], Pieces(scanner, "a\uD83Db"));
    }

    [Fact]
    public void The_long_s_is_an_s_where_case_is_ignored()
    {
        Assert.Equal(["'ſ", "x"], Pieces(KnownPatterns.Find(Qwen2)!, "'ſx"));
        Assert.Equal(["'", "ſx"], Pieces(KnownPatterns.Find(Gpt2)!, "'ſx"));
    }

    [Theory]
    [InlineData(@"\s+")]
    [InlineData("")]
    [InlineData(Gpt2 + " ")]
    public void A_pattern_that_is_not_known_has_no_scanner(string pattern) => Assert.Null(KnownPatterns.Find(pattern));

    [Theory]
    [InlineData(Gpt2, " ")]
    [InlineData(Gpt2, "\n")]
    [InlineData(Llama3, "\n ")]
    [InlineData(Llama3, " ")]
    [InlineData(Qwen2, "'")]
    [InlineData(Qwen2, "1")]
    [InlineData(Qwen2, "!\n")]
    public void A_long_run_is_cut_in_linear_time(string pattern, string unit)
    {
        PieceScanner scanner = KnownPatterns.Find(pattern)!;
        string text = string.Concat(Enumerable.Repeat(unit, 2_000_000 / unit.Length)) + "x";
        int at = 0;
        while (at < text.Length)
        {
            at = scanner.Next(text, at);
        }

        Assert.Equal(text.Length, at);
    }

    private static void Check(PieceScanner scanner, Regex regex, string text) =>
        Assert.Equal(regex.Matches(text).Select(match => match.Value), Pieces(scanner, text));

    private static List<string> Pieces(PieceScanner scanner, string text)
    {
        List<string> pieces = [];
        int at = 0;
        while (at < text.Length)
        {
            int end = scanner.Next(text, at);
            Assert.InRange(end, at + 1, text.Length);
            pieces.Add(text[at..end]);
            at = end;
        }

        return pieces;
    }

    private static IEnumerable<string> Texts(string[] alphabet, int length) =>
        length == 0 ? [""] : Texts(alphabet, length - 1).SelectMany(text => text.Length < length - 1 ? [text] : alphabet.Select(letter => text + letter).Append(text));
}
