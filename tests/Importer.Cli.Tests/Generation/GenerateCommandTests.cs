using System.Text;
using System.Text.Json;
using Importer.Cli.Commands;
using Importer.Cli.Output;
using Importer.Evaluation;
using Importer.Generation;
using static TorchSharp.torch;

namespace Importer.Cli.Tests.Generation;

public sealed class GenerateCommandTests : IDisposable
{
    private readonly CharacterModel _model = new();
    private readonly TextGenerator _generator;

    public GenerateCommandTests() => _generator = TextGenerator.FromPretrained(_model.Path, new() { Device = CPU });

    public void Dispose()
    {
        _generator.Dispose();
        _model.Dispose();
    }

    [Fact]
    public async Task A_text_is_continued_on_standard_output()
    {
        string expected = _generator.Generate("Hello", new() { MaxNewTokens = 9 }).Text;

        var outcome = await RunAsync("generate", _model.Path, "--prompt", "Hello", "--max-new-tokens", "9", "--device", "cpu", "--quiet");

        Assert.Equal((ExitCode.Success, expected + Environment.NewLine, ""), (outcome.Code, outcome.Out, outcome.Error));
    }

    [Fact]
    public async Task Json_has_ids_text_reason_and_times()
    {
        var options = new GenerationOptions { MaxNewTokens = 9, Seed = 5, Temperature = 0.9, TopK = 40, TopP = 0.95, MinP = 0.01, RepetitionPenalty = 1.1, NumSamples = 2 };
        var expected = _generator.Generate(["Hello"], options, new() { StopStrings = ["~~"] });

        var outcome = await RunAsync(
            "generate", _model.Path, "--prompt", "Hello", "--max-new-tokens", "9", "--seed", "5", "--temperature", "0.9", "--top-k", "40", "--top-p", "0.95",
            "--min-p", "0.01", "--repetition-penalty", "1.1", "--num-samples", "2", "--stop", "~~", "--device", "cpu", "--json");

        using var json = JsonDocument.Parse(outcome.Out);
        var samples = json.RootElement.GetProperty("samples").EnumerateArray().ToList();
        Assert.Equal(expected.Select(one => one.Text), samples.Select(sample => sample.GetProperty("text").GetString()));
        Assert.Equal(expected.Select(one => one.Ids), samples.Select(sample => sample.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray()));
        Assert.All(samples, sample => Assert.Equal("length", sample.GetProperty("finish_reason").GetString()));
        Assert.Equal(5UL, json.RootElement.GetProperty("seed").GetUInt64());
        Assert.Equal(18, json.RootElement.GetProperty("tokens").GetInt32());
        Assert.True(json.RootElement.GetProperty("first_token_seconds").GetDouble() <= json.RootElement.GetProperty("seconds").GetDouble());
    }

    [Fact]
    public async Task Sample_is_nanoGPTs()
    {
        string start = _model.File_("start.txt", "Once");
        var text = new TextOptions { SkipSpecialTokens = false };
        var options = new GenerationOptions { MaxNewTokens = 12, NumSamples = 3, Temperature = 0.8, TopK = 200, Seed = 1337, StopTokens = [] };
        string expected = string.Concat(_generator.Generate(["Once"], options, text)
            .Select(one => $"Once{one.Text}{Environment.NewLine}---------------{Environment.NewLine}"));

        var named = await RunAsync("sample", $"--init_from={_model.Path}", $"--start=FILE:{start}", "--num_samples=3", "--max_new_tokens=12", "--device=cpu", "--quiet");
        var resumed = await RunAsync(
            "sample", $"--out_dir={_model.Path}", "--start=Once", "--num_samples=3", "--max_new_tokens=12", "--top_k=200", "--temperature=0.8", "--seed=1337",
            "--device=cpu", "--dtype=float32", "--compile=False", "--quiet");

        Assert.Equal((ExitCode.Success, expected), (named.Code, named.Out));
        Assert.Equal(expected, resumed.Out);
    }

    [Fact]
    public async Task A_prompt_may_come_from_standard_input()
    {
        string expected = _generator.Generate("Hi you", new() { MaxNewTokens = 5 }).Text + Environment.NewLine;

        var outcome = await RunAsync(new StringReader("Hi you\n"), isTerminal: false, "generate", _model.Path, "--max-new-tokens", "5", "--device", "cpu", "--quiet");

        Assert.Equal(expected, outcome.Out);
    }

    [Fact]
    public async Task Who_types_is_asked_line_by_line()
    {
        string expected = string.Concat(new[] { "one", "two" }.Select(line => _generator.Generate(line, new() { MaxNewTokens = 5 }).Text + Environment.NewLine));

        var outcome = await RunAsync(new StringReader("one\ntwo\n"), isTerminal: true, "generate", _model.Path, "--max-new-tokens", "5", "--device", "cpu", "--quiet");

        Assert.Equal((ExitCode.Success, expected), (outcome.Code, outcome.Out));
        Assert.Equal(3, outcome.Error.Split("> ").Length - 1);
    }

    [Fact]
    public async Task Ctrl_C_keeps_what_was_made()
    {
        using var cancel = new CancellationTokenSource();
        using var output = new CancellingWriter(cancel);
        string[] args = ["generate", _model.Path, "--prompt", "Hello", "--max-new-tokens", "2000000", "--device", "cpu", "--quiet"];

        int code = await CommandLineApp.RunAsync(args, new CliConsole(output, TextWriter.Null, false), cancel.Token);

        Assert.Equal(ExitCode.Cancelled, code);
        Assert.True(output.ToString().Length > Environment.NewLine.Length);
        Assert.EndsWith(Environment.NewLine, output.ToString());
    }

    [Fact]
    public async Task Json_says_that_it_was_cancelled_and_has_what_was_made()
    {
        using var cancel = new CancellationTokenSource();
        using var output = new CancellingWriter(cancel);
        var run = await GenerationRun.RunAsync(
            _generator, "Hello", new() { MaxNewTokens = 2_000_000, Seed = 1 }, new(), new SampleWriter(output, 1, "", separate: false), cancel.Token);

        using var document = JsonDocument.Parse(GenerationJson.Render(run, "model", TimeSpan.Zero));
        var sample = document.RootElement.GetProperty("samples")[0];
        Assert.True(run.IsCancelled);
        Assert.Equal("cancelled", sample.GetProperty("finish_reason").GetString());
        Assert.Equal(output.ToString().TrimEnd('\r', '\n'), sample.GetProperty("text").GetString()!.TrimEnd('\r', '\n'));
    }

    [Fact]
    public async Task Errors_are_one_line_with_their_own_codes()
    {
        Assert.Equal(ExitCode.Usage, (await RunAsync("generate", _model.Path, "--device", "cpu", "--quiet")).Code);
        Assert.Equal(ExitCode.Usage, (await RunAsync("generate", _model.Path, "--prompt", "a", "--dtype", "int8")).Code);
        Assert.Equal(ExitCode.Usage, (await RunAsync("generate", _model.Path, "--prompt", "a", "--device", "tpu")).Code);
        Assert.Equal(ExitCode.Usage, (await RunAsync("generate", _model.Path, "--prompt", "a", "--temperature", "-1", "--device", "cpu", "--quiet")).Code);
        Assert.Equal(ExitCode.NotFound, (await RunAsync("generate", "./nowhere", "--prompt", "a", "--quiet")).Code);
        Assert.Equal(ExitCode.NotFound, (await RunAsync("sample", $"--init_from={_model.Path}", "--start=FILE:nowhere.txt", "--quiet")).Code);
        File.Delete(Path.Combine(_model.Path, "meta.json"));
        var outcome = await RunAsync("generate", _model.Path, "--prompt", "a", "--device", "cpu", "--quiet");
        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.StartsWith("error: ", outcome.ErrorLine);
    }

    [Fact]
    public async Task Eval_prints_loss_and_perplexity()
    {
        string text = string.Concat(Enumerable.Range(0, 40).Select(i => $"line {i}\n"));
        string path = _model.File_("text.txt", text);
        var expected = PerplexityEvaluator.Evaluate(_generator.Model, _generator.Tokenizer.Encode(text), new() { WindowLength = 32, Stride = 16 });

        var plain = await RunAsync("eval", _model.Path, path, "--window", "32", "--stride", "16", "--device", "cpu", "--quiet");
        var json = await RunAsync(new StringReader(text), isTerminal: false, "eval", _model.Path, "-", "--window", "32", "--stride", "16", "--device", "cpu", "--json", "--quiet");

        Assert.Contains(FormattableString.Invariant($"perplexity  {expected.Perplexity:0.00}"), plain.Out);
        using var document = JsonDocument.Parse(json.Out);
        Assert.Equal(expected.Loss, document.RootElement.GetProperty("loss").GetDouble(), 1e-5);
        Assert.Equal(expected.PredictedCount, document.RootElement.GetProperty("predicted").GetInt64());
    }

    private static Task<Outcome> RunAsync(params string[] args) => RunAsync(TextReader.Null, isTerminal: false, args);

    private static async Task<Outcome> RunAsync(TextReader input, bool isTerminal, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = new CliConsole(output, error, ErrorIsTerminal: false) { In = input, InputIsTerminal = isTerminal };
        int code = await CommandLineApp.RunAsync(args, console, CancellationToken.None);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    /// <summary>Cancels as soon as a text comes.</summary>
    private sealed class CancellingWriter(CancellationTokenSource cancel) : StringWriter(new StringBuilder())
    {
        public override void Write(string? value)
        {
            base.Write(value);
            if (!string.IsNullOrEmpty(value))
            {
                cancel.Cancel();
            }
        }
    }
}
