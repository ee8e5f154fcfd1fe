using SharedSource.Text;

namespace PretrainedTokenizers;

/// <summary>
/// The base of everything that this library throws about a tokenizer's files and about text. The message says what is wrong, where, and
/// what to do; names that come from a file are escaped in it.
/// </summary>
public abstract class TokenizerException : Exception
{
    private protected TokenizerException(string problem, string remedy, string? path, Exception? inner = null)
        : base(path is null ? $"{problem}. {remedy}" : $"{problem} (file {Escape.Quote(path)}). {remedy}", inner)
    {
        Path = path;
        Remedy = remedy;
    }

    /// <summary>The file or directory, where it is known.</summary>
    public string? Path { get; }

    /// <summary>What to do about it, the end of the message.</summary>
    public string Remedy { get; }
}
