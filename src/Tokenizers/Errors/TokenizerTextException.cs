using System.Text;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>A text has characters that the vocabulary of a <see cref="CharTokenizer"/> has not.</summary>
public sealed class TokenizerTextException : TokenizerException
{
    private const int Shown = 20;

    internal TokenizerTextException(IReadOnlyList<Rune> characters, long position)
        : base(
            Invariant($"The vocabulary lacks {characters.Count:N0} of the text's characters, the first at index {position:N0}: ")
            + string.Join(", ", characters.Take(Shown).Select(rune => Escape.Quote(rune.ToString())))
            + (characters.Count > Shown ? ", …" : ""),
            "Remove them from the text, or build the vocabulary from a text that has them.",
            path: null)
    {
        Characters = characters;
        Position = position;
    }

    /// <summary>The characters without an id, each once, in order of code points.</summary>
    public IReadOnlyList<Rune> Characters { get; }

    /// <summary>The index of the first one, in UTF-16 units from the beginning of the text.</summary>
    public long Position { get; }
}
