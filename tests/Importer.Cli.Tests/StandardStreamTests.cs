using System.Diagnostics;
using System.Text;
using Importer.Cli.Tests.Generation;
using Tests.Shared;

namespace Importer.Cli.Tests;

/// <summary>Standard output as shells connect it: pipes that are closed early, full disks, files that others append to, any locale.</summary>
public sealed class StandardStreamTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CharacterModel _model = new();

    public void Dispose()
    {
        _model.Dispose();
        _directory.Dispose();
    }

    [SkippableFact]
    public async Task A_text_that_nobody_reads_any_more_ends_without_a_word()
    {
        var outcome = await RunAsync("\"$@\" | head -c 1; echo \" ${PIPESTATUS[0]}\"", Generate("4000"));

        Assert.Equal("", outcome.Error);
        Assert.EndsWith($" {ExitCode.OutputClosed}\n", outcome.Out, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_result_that_nobody_reads_is_no_error()
    {
        var outcome = await RunAsync("\"$@\" | true; echo ${PIPESTATUS[0]}", "--help");

        Assert.Equal("", outcome.Error);
        Assert.Contains(outcome.Out, new List<string> { $"{ExitCode.Success}\n", $"{ExitCode.OutputClosed}\n" }); // what is written before the pipe is closed stays in it
    }

    [SkippableTheory]
    [InlineData("generate")]
    [InlineData("doctor")]
    public async Task A_disk_that_is_full_is_said_once(string command)
    {
        Skip.IfNot(File.Exists("/dev/full"), "no /dev/full");

        var outcome = await RunAsync("\"$@\" >/dev/full", command == "generate" ? Generate("5") : [command]);

        Assert.Equal((ExitCode.Failure, ""), (outcome.Code, outcome.Out));
        Assert.StartsWith("error: Standard output cannot be written to: No space left on device", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    public async Task An_error_that_nobody_can_read_keeps_its_code(string redirected)
    {
        var outcome = await RunAsync($"\"$@\" {redirected}", "./nowhere", "--out", _directory["weights"], "--json");

        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.Contains("\"not_found\"", outcome.Out, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_file_is_shared_with_what_comes_before_and_behind()
    {
        string file = _directory["out.txt"];

        var outcome = await RunAsync($"{{ echo before; \"$@\"; echo behind; }} >'{file}'", "mapping", "list");

        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        string text = File.ReadAllText(file);
        Assert.StartsWith("before\n", text, StringComparison.Ordinal);
        Assert.Contains("gpt2", text, StringComparison.Ordinal);
        Assert.EndsWith("\nbehind\n", text, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("C")]
    [InlineData("en_US.ISO-8859-1")]
    public async Task Text_is_UTF8_whatever_the_locale(string locale)
    {
        var outcome = await RunAsync($"LC_ALL={locale} \"$@\"", "sample", $"--init_from={_model.Path}", "--start=éĀ", "--num_samples=1", "--max_new_tokens=1", "--device=cpu", "--quiet");

        Assert.StartsWith("éĀ", outcome.Out, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_argument_that_is_no_UTF8_is_refused_and_one_that_says_so_itself_is_not()
    {
        var refused = await RunAsync("\"$@\" --prompt=\"$(printf 'ab\\xff')\" --json", "generate", _model.Path, "--quiet");
        var meant = await RunAsync("\"$@\" --prompt=\"$(printf 'ab\\xef\\xbf\\xbd')\"", "generate", _model.Path, "--quiet", "--device", "cpu");

        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.StartsWith("error: Argument 4 is not UTF-8 text: byte 11 of it is 0xFF.", refused.Error, StringComparison.Ordinal);
        Assert.Contains("\"usage\"", refused.Out, StringComparison.Ordinal);
        Assert.Contains("vocabulary lacks", meant.ErrorLine, StringComparison.Ordinal);
    }

    private string[] Generate(string tokens) => ["generate", _model.Path, "--prompt", "Hello", "--max-new-tokens", tokens, "--device", "cpu", "--quiet"];

    /// <summary>Runs a bash script in which <c>"$@"</c> is the program with its arguments.</summary>
    private static async Task<Outcome> RunAsync(string script, params string[] args)
    {
        Skip.If(OperatingSystem.IsWindows(), "shells");
        var start = new ProcessStartInfo("bash", ["-c", script, "bash", "dotnet", CommandLine.Program, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Outcome(process.ExitCode, output, await error);
    }
}
