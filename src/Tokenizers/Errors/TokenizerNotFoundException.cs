namespace PretrainedTokenizers;

/// <summary>A directory holds no tokenizer, or a file of it is missing.</summary>
public sealed class TokenizerNotFoundException : TokenizerException
{
    internal TokenizerNotFoundException(string problem, string remedy, string path, IReadOnlyList<string> tried)
        : base(problem, remedy, path)
    {
        Tried = tried;
    }

    /// <summary>The names of the files that were looked for.</summary>
    public IReadOnlyList<string> Tried { get; }
}
