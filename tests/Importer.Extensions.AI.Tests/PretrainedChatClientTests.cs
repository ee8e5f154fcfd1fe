using System.Text.Json;
using Importer.Generation;
using Microsoft.Extensions.AI;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Extensions.AI.Tests;

public sealed class PretrainedChatClientTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TextGenerator _generator;

    public PretrainedChatClientTests()
    {
        string path = _directory.CopyFixture("tiny-gpt2");
        string[] characters = ["\n", .. Enumerable.Range(33, 210).Select(i => $"{(char)(i < 127 ? i - 1 : i + 33)}")];
        File.WriteAllText(Path.Combine(path, "meta.json"), JsonSerializer.Serialize(new
        {
            vocab_size = characters.Length,
            stoi = characters.Index().ToDictionary(pair => pair.Item, pair => pair.Index),
            itos = characters.Index().ToDictionary(pair => $"{pair.Index}", pair => pair.Item),
        }));
        _generator = TextGenerator.FromPretrained(path, new() { Device = CPU });
    }

    public void Dispose()
    {
        _generator.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_model_without_a_template_continues_the_texts()
    {
        using var client = _generator.AsChatClient(new() { ModelId = "tiny" });
        string expected = _generator.Generate("be brief\nHello", new() { MaxNewTokens = 11, StopTokens = [210] }).Text;

        var response = await client.GetResponseAsync([new(ChatRole.User, "Hello")], new() { Instructions = "be brief", MaxOutputTokens = 11 });

        Assert.Equal(expected, response.Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal("tiny", response.ModelId);
        Assert.Equal((14L, 11L, 25L), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount));
    }

    [Fact]
    public async Task Options_reach_the_model_and_answers_stream()
    {
        using var client = _generator.AsChatClient(new() { Format = messages => $"Q: {messages[^1].Text} A:" });
        var options = new ChatOptions { MaxOutputTokens = 20, Temperature = 1.5f, TopK = 50, TopP = 0.9f, Seed = 42 };
        string expected = _generator.Generate(
            "Q: why A:", new() { MaxNewTokens = 20, Temperature = 1.5f, TopK = 50, TopP = 0.9f, Seed = 42 }).Text;

        var updates = await client.GetStreamingResponseAsync("why", options).ToListAsync();

        Assert.Equal(expected, string.Concat(updates.Select(update => update.Text)));
        Assert.True(updates.Count > 2);
        options.StopSequences = [expected.Substring(3, 2)];
        var stopped = await client.GetResponseAsync("why", options);
        Assert.Equal(expected[..expected.IndexOf(expected.Substring(3, 2), StringComparison.Ordinal)], stopped.Text);
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);
    }

    [Fact]
    public async Task Cancellation_ends_an_answer_and_tools_are_refused()
    {
        using var client = _generator.AsChatClient();
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in client.GetStreamingResponseAsync("Hi", new() { MaxOutputTokens = 1_000_000 }, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync("Hi", new() { Tools = [AIFunctionFactory.Create(() => 1)] }));
    }

    [Fact]
    public void Services_are_found()
    {
        using var client = _generator.AsChatClient(new() { ModelId = "tiny" });
        Assert.Equal("tiny", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Same(_generator, client.GetService<TextGenerator>());
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Null(client.GetService<string>());
    }
}
