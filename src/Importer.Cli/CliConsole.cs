namespace Importer.Cli;

/// <summary>Where a command writes: results to <see cref="Out"/>, progress, log and errors to <see cref="Error"/>.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="ErrorIsTerminal">Whether a person is watching standard error, so that lines may be redrawn.</param>
internal sealed record CliConsole(TextWriter Out, TextWriter Error, bool ErrorIsTerminal)
{
    /// <summary>Standard input; empty unless somebody gives one.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>How many characters a line of <see cref="Error"/> shows; 0 where nobody knows.</summary>
    public Func<int> ErrorWidth { get; init; } = () => 0;

    /// <summary>What the program was called by, for commands that a person is told to run.</summary>
    public string Program { get; init; } = "import-weights";

    /// <summary>Whether a person types standard input, so that it is asked for line by line.</summary>
    public bool InputIsTerminal { get; init; }
}
