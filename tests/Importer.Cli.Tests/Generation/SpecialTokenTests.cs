using System.Text.Json;
using Importer.Evaluation;
using Importer.Generation;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Cli.Tests.Generation;

/// <summary>What a model's tokenizer begins a text with stands before a prompt and before an evaluated text, as in transformers.</summary>
public sealed class SpecialTokenTests : IDisposable
{
    private const int Bos = 7;
    private const string Text = "abba ab<s> ba";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    // tiny-gpt2 with a vocabulary of nine tokens.
    private string Model(string postProcessor, string config)
    {
        string model = _directory.CopyFixture("tiny-gpt2");
        File.WriteAllText(Path.Combine(model, "tokenizer.json"), $$"""
            {
              "model": { "type": "BPE", "vocab": { "a": 0, "b": 1, "Ġ": 2, "ab": 3, "s": 4, "<": 5, ">": 6, "<s>": 7, "?": 8 }, "merges": ["a b"], "unk_token": "?" },
              "added_tokens": [{ "id": 7, "content": "<s>", "special": true, "normalized": false, "lstrip": false, "rstrip": false, "single_word": false }],
              "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "use_regex": true },
              "post_processor": {{postProcessor}},
              "decoder": { "type": "ByteLevel" }
            }
            """);
        File.WriteAllText(Path.Combine(model, "tokenizer_config.json"), config);
        return model;
    }

    [Theory]
    [InlineData("null", """{ "bos_token": "<s>" }""", false)]
    [InlineData("null", """{ "bos_token": "<s>", "add_bos_token": true }""", true)]
    [InlineData("""{ "type": "TemplateProcessing", "single": [{ "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }], "pair": [], "special_tokens": { "<s>": { "id": "<s>", "ids": [7], "tokens": ["<s>"] } } }""", "{}", true)]
    public async Task A_text_begins_as_the_models_tokenizer_begins_it(string postProcessor, string config, bool begins)
    {
        string model = Model(postProcessor, config), file = _directory["text.txt"];
        File.WriteAllText(file, Text);
        using var generator = TextGenerator.FromPretrained(model, new() { Device = CPU });
        int[] prompt = [.. begins ? [Bos] : Array.Empty<int>(), 3, 1, 0, 2, 3];
        int[] evaluated = [.. prompt, 5, 4, 6, 2, 1, 0]; // a special token's text is text
        var expected = PerplexityEvaluator.Evaluate(generator.Model, evaluated);
        var continued = generator.Tokens.Generate([prompt], new() { MaxNewTokens = 5 })[0];

        var eval = await CommandLine.RunAsync("eval", model, file, "--device", "cpu", "--json", "--quiet");
        var generate = await CommandLine.RunAsync("generate", model, "--prompt", "abba ab", "--max-new-tokens", "5", "--device", "cpu", "--json", "--quiet");

        using JsonDocument loss = JsonDocument.Parse(eval.Out), text = JsonDocument.Parse(generate.Out);
        Assert.Equal(evaluated.Length, loss.RootElement.GetProperty("tokens").GetInt32());
        Assert.Equal(expected.Loss, loss.RootElement.GetProperty("loss").GetDouble(), 1e-6);
        Assert.Equal(continued.Ids, text.RootElement.GetProperty("samples")[0].GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
    }
}
