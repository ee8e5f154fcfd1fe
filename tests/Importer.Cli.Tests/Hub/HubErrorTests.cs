using HuggingFace.Hub.FakeHub;
using Microsoft.AspNetCore.Http;

namespace Importer.Cli.Tests.Hub;

/// <summary>What the hub refuses or breaks: one line with the remedy, the right code, no secret.</summary>
public sealed class HubErrorTests : HubCommandTest
{
    private const string Secret = "hf_averysecrettoken";

    [Fact]
    public async Task An_unknown_model_is_not_found()
    {
        var outcome = await Import("nobody/nothing");

        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.Contains("nobody/nothing", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gated_model_says_where_to_ask()
    {
        ServeTiny().Gated = true;

        var outcome = await Import();

        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.Contains($"{Server.HubUrl.AbsoluteUri}{Gpt2}", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, ExitCode.NotFound)]
    [InlineData("hf_wrong", ExitCode.NotFound)]
    [InlineData(Secret, ExitCode.Success)]
    public async Task A_private_model_takes_its_token_which_is_never_shown(string? token, int code)
    {
        ServeTiny().Token = Secret;

        var outcome = await Import(Gpt2, token is null ? ["--debug"] : ["--debug", "--token", token]);

        Assert.Equal(code, outcome.Code);
        Assert.DoesNotContain("hf_", outcome.Out + outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_that_is_not_there_is_a_network_error()
    {
        var outcome = await CommandLine.RunAsync(
            Gpt2, "--out", Directory["weights"], "--cache-dir", Cache, "--endpoint", "http://127.0.0.1:1/");

        Assert.Equal(ExitCode.Network, outcome.Code);
        string[] lines = outcome.Error.TrimEnd('\n').Split('\n');
        Assert.All(lines[..^1], line => Assert.StartsWith("warning: Attempt ", line, StringComparison.Ordinal));
        Assert.StartsWith("error: ", lines[^1], StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_that_is_not_what_the_listing_promised_is_an_integrity_error_and_is_not_kept()
    {
        ServeTiny();
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn || request.Method == "HEAD")
            {
                return false;
            }

            var file = Server.Repos[Gpt2].Find(Server.Repos[Gpt2].Refs["main"], "model.safetensors")!;
            byte[] wrong = [.. file.Content];
            wrong[^1] ^= 1;
            context.Response.Headers.ETag = $"\"{file.XetHash}\"";
            await FakeCdnPages.SendFileAsync(Server, context, request, wrong);
            return true;
        };

        var outcome = await Import();

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains("model.safetensors", outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
        Assert.False(System.IO.Directory.Exists(Directory["weights"]));
        Assert.DoesNotContain(
            System.IO.Directory.GetFiles(Cache, "*", SearchOption.AllDirectories), path => Path.GetFileName(path) == "model.safetensors");
    }

    [Theory]
    [InlineData("--endpoint", "ftp://hub")]
    [InlineData("--endpoint", "hub")]
    public async Task A_wrong_address_is_a_usage_error(string option, string value)
    {
        var outcome = await CommandLine.RunAsync(Gpt2, "--out", Directory["weights"], option, value);

        Assert.Equal(ExitCode.Usage, outcome.Code);
        Assert.Contains(value, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signed_addresses_are_never_shown()
    {
        ServeTiny();
        Server.Intercept = async (context, request) =>
        {
            if (request.IsCdn)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                await context.Response.WriteAsync("gone");
            }

            return request.IsCdn;
        };

        var outcome = await Import(Gpt2, "--debug");

        Assert.NotEqual(ExitCode.Success, outcome.Code);
        Assert.DoesNotContain("secret-signature", outcome.Out + outcome.Error, StringComparison.Ordinal);
    }
}
