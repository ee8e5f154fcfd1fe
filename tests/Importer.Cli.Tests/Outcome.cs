namespace Importer.Cli.Tests;

/// <summary>What a command line returned and printed.</summary>
internal sealed record Outcome(int Code, string Out, string Error)
{
    /// <summary>The one line that an error is.</summary>
    public string ErrorLine => Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
}
