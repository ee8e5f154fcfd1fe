using System.Runtime.InteropServices;
using System.Text.Json;
using Tests.Shared;

namespace Importer.Cli.Tests;

/// <summary>With --json an error is a document too, beside the line for people.</summary>
public sealed class ErrorJsonTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("not_found", ExitCode.NotFound, "./nowhere", "--out", "OUT")]
    [InlineData("usage", ExitCode.Usage, "a", "--no-such-option")]
    [InlineData("usage", ExitCode.Usage, "tiny-gpt2", "--out", "OUT", "--name", "..")]
    [InlineData("not_found", ExitCode.NotFound, "./nowhere", "--out", "OUT", "--dry-run")]
    [InlineData("usage", ExitCode.Usage, "download", "..")]
    [InlineData("usage", ExitCode.Usage, "doctor", "--no-such-option")]
    [InlineData("usage", ExitCode.Usage, "cache", "verify", "..")]
    public async Task An_error_is_one_document(string kind, int code, params string[] args)
    {
        args = [.. args.Select(arg => arg == "OUT" ? _directory["weights"] : arg == "tiny-gpt2" ? Repository.Fixture(arg) : arg)];

        var outcome = await CommandLine.RunAsync([.. args, "--json"]);

        Assert.Equal(code, outcome.Code);
        Assert.StartsWith("error: ", outcome.Error, StringComparison.Ordinal);
        var error = JsonDocument.Parse(outcome.Out).RootElement.GetProperty("error");
        Assert.Equal((kind, code), (error.GetProperty("kind").GetString(), error.GetProperty("exit_code").GetInt32()));
        Assert.DoesNotContain("Parameter", outcome.Out + outcome.Error, StringComparison.Ordinal);
        Assert.Equal("", (await CommandLine.RunAsync(args)).Out);
    }

    [Fact]
    public void An_error_and_what_came_of_it_are_the_error()
    {
        var report = ErrorReport.Of(new AggregateException(new CommandFailedException(ExitCode.NotFound, "the first"), new IOException("the second")));
        Assert.Equal((ErrorKind.NotFound, ExitCode.NotFound), (report.Kind, report.ExitCode));
        Assert.Contains("the first; ", report.Problem, StringComparison.Ordinal);
        Assert.Contains("the second", report.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_little_memory_is_no_defect()
    {
        Exception[] errors =
        [
            new InsufficientMemoryException("Array dimensions exceeded supported range."),
            new TorchError("aten::empty: DefaultCPUAllocator: can't allocate memory: you tried to allocate 51200000000 bytes.\nException raised from alloc_cpu"),
            new TorchError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        ];
        Assert.All(errors, error =>
        {
            var report = ErrorReport.Of(error);
            Assert.Equal((ErrorKind.Failure, ExitCode.Failure), (report.Kind, report.ExitCode));
            Assert.StartsWith("There is not enough memory", report.Problem, StringComparison.Ordinal);
            Assert.DoesNotContain("raised", report.Problem, StringComparison.Ordinal);
            Assert.Contains("--dtype", report.Remedy, StringComparison.Ordinal);
        });
        Assert.Equal(ErrorKind.Defect, ErrorReport.Of(new TorchError("aten::add: shapes differ")).Kind);
    }

    [Fact]
    public async Task What_happened_and_what_to_do_are_apart()
    {
        await CommandLine.RunAsync(Repository.Fixture("tiny-gpt2"), "--out", _directory["weights"]);

        var outcome = await CommandLine.RunAsync(Repository.Fixture("tiny-gpt2"), "--out", _directory["weights"], "--dtype", "f16", "--json");

        var error = JsonDocument.Parse(outcome.Out).RootElement.GetProperty("error");
        Assert.Equal("differs", error.GetProperty("kind").GetString());
        Assert.StartsWith(_directory["weights", "tiny-gpt2"] + " differs: ", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("It was left as it is.", error.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Equal($"error: {error.GetProperty("message").GetString()}. {error.GetProperty("remedy").GetString()}", outcome.ErrorLine);
    }

    [Fact]
    public async Task A_message_with_many_findings_has_them_all()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        string config = Path.Combine(source, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"n_layer\": 3", "\"n_layer\": 6", StringComparison.Ordinal));

        var outcome = await CommandLine.RunAsync(source, "--out", _directory["weights"], "--json");

        var error = JsonDocument.Parse(outcome.Out).RootElement.GetProperty("error");
        Assert.Equal(("mismatch", ExitCode.Integrity), (error.GetProperty("kind").GetString(), outcome.Code));
        Assert.NotEqual(JsonValueKind.Null, error.GetProperty("remedy").ValueKind);
        Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_cancelled_run_says_so()
    {
        var outcome = await CommandLine.RunAsync(new CancellationToken(true), Repository.Fixture("tiny-gpt2"), "--out", _directory["weights"], "--json");

        Assert.Equal(ExitCode.Cancelled, outcome.Code);
        Assert.Equal("cancelled", JsonDocument.Parse(outcome.Out).RootElement.GetProperty("error").GetProperty("kind").GetString());
    }

    /// <summary>As torch throws it.</summary>
    private sealed class TorchError(string message) : ExternalException(message);
}
