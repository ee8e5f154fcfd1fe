namespace PretrainedTokenizers;

/// <summary>A tokenizer's file breaks a rule of its format, or contradicts itself or another file.</summary>
public sealed class TokenizerFormatException : TokenizerException
{
    internal const string FetchAgain = "The file is damaged or was edited; fetch it again from its source.";

    internal TokenizerFormatException(string problem, string? path, Exception? inner = null, string remedy = FetchAgain)
        : base(problem, remedy, path, inner)
    {
        Problems = [problem];
    }

    internal TokenizerFormatException(IReadOnlyList<string> problems, string? path, string remedy = FetchAgain)
        : base(ProblemList.Join(problems), remedy, path)
    {
        Problems = problems;
    }

    /// <summary>Everything that is wrong, one entry each (at most 100); names are escaped.</summary>
    public IReadOnlyList<string> Problems { get; }
}
