namespace PretrainedTokenizers;

/// <summary>
/// The patterns that are understood, by their exact text: a regular expression that merely looks similar cuts some text elsewhere, and a
/// general engine would backtrack on hostile text.
/// </summary>
internal static class KnownPatterns
{
    private const string Tail = @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Head = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|";

    /// <summary>The scanner of a pattern; null for one that is not known.</summary>
    public static PieceScanner? Find(string pattern) => pattern switch
    {
        // As openai/gpt-2 wrote it, and the two forms in which tiktoken has had it; all match alike.
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+" or
        @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+" or
        @"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s" => new Gpt2Scanner(),

        // Llama 3 and converted cl100k_base; tiktoken's own form of the latter.
        Head + @"\p{N}{1,3}|" + Tail or
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
            => new Cl100kScanner(maxDigits: 3),

        // Qwen2, Qwen2.5, Qwen3.
        Head + @"\p{N}|" + Tail => new Cl100kScanner(maxDigits: 1),
        _ => null,
    };
}
