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
    public async Task A_text_may_begin_with_what_command_lines_are_fond_of()
    {
        string file = _model.File_("arguments", "--json");
        foreach (string text in new[] { "@" + file, "@nobody", "--", "- a list", "/help" })
        {
            string expected = _generator.Generate(text, new() { MaxNewTokens = 5 }).Text + Environment.NewLine;

            var outcome = await RunAsync("generate", _model.Path, $"--prompt={text}", "--max-new-tokens", "5", "--device", "cpu", "--quiet");
            var sample = await RunAsync("sample", $"--init_from={_model.Path}", "--start", text[0] == '@' ? text : "x", "--num_samples=1", "--max_new_tokens=1", "--device=cpu", "--quiet");

            Assert.Equal((ExitCode.Success, expected), (outcome.Code, outcome.Out));
            Assert.Equal(ExitCode.Success, sample.Code);
        }
    }

    [Fact]
    public async Task Sample_slides_beyond_the_context_as_nanoGPT_does_and_generate_where_it_is_asked_to()
    {
        string prompt = string.Concat(Enumerable.Range(0, 60).Select(i => (char)('a' + i * 7 % 26)));
        var options = new GenerationOptions { MaxNewTokens = 60, Temperature = 0, StopTokens = [], Overflow = ContextOverflow.SlideExactly };
        string exact = _generator.Generate(prompt, options, new() { SkipSpecialTokens = false }).Text;
        string slide = _generator.Generate(prompt, new() { MaxNewTokens = 60, Temperature = 0 }).Text;
        Assert.NotEqual(exact, slide);

        var sample = await RunAsync("sample", $"--init_from={_model.Path}", $"--start={prompt}", "--num_samples=1", "--max_new_tokens=60", "--temperature=0", "--device=cpu", "--quiet");
        var generate = await RunAsync("generate", _model.Path, "--prompt", prompt, "--max-new-tokens", "60", "--temperature", "0", "--device", "cpu", "--quiet");
        var asked = await RunAsync("generate", _model.Path, "--prompt", prompt, "--max-new-tokens", "60", "--temperature", "0", "--overflow", "exact", "--device", "cpu", "--quiet");
        var stopped = await RunAsync("generate", _model.Path, "--prompt", prompt, "--max-new-tokens", "60", "--temperature", "0", "--overflow", "stop", "--device", "cpu", "--json", "--quiet");

        Assert.StartsWith(prompt + exact + Environment.NewLine, sample.Out);
        Assert.Equal(slide + Environment.NewLine, generate.Out);
        Assert.Equal(exact + Environment.NewLine, asked.Out);
        Assert.Contains("\"context_full\"", stopped.Out);
    }

    [Theory]
    [InlineData("--num-samples", "-1", "at least 1")]
    [InlineData("--num-samples", "0", "at least 1")]
    [InlineData("--num-samples", "many", "many")]
    [InlineData("--max-new-tokens", "0", "at least 1")]
    [InlineData("--temperature", "-1", "0 or above")]
    [InlineData("--temperature", "NaN", "0 or above")]
    [InlineData("--temperature", "Infinity", "0 or above")]
    [InlineData("--top-k", "-1", "how many to keep")]
    [InlineData("--top-p", "0", "above 0")]
    [InlineData("--top-p", "1.1", "at most 1")]
    [InlineData("--min-p", "2", "from 0 to 1")]
    [InlineData("--repetition-penalty", "0", "above 0")]
    [InlineData("--overflow", "wrap", "choose slide, exact or stop")]
    [InlineData("--stop", "", "an empty text")]
    public async Task An_option_that_cannot_be_meant_is_refused_by_its_name_before_anything_is_loaded(string option, string value, string expected)
    {
        foreach (string command in new[] { "generate", "sample" })
        {
            string[] model = command == "sample" ? ["--init_from=./nowhere"] : ["./nowhere", "--prompt", "a"];
            var outcome = await RunAsync([command, .. model, option, value, "--quiet"]);

            Assert.Equal((ExitCode.Usage, ""), (outcome.Code, outcome.Out));
            Assert.Contains(expected, outcome.Error);
            Assert.True(outcome.Error.Contains(option, StringComparison.Ordinal) || expected.StartsWith("choose", StringComparison.Ordinal), outcome.Error);
        }
    }

    [Fact]
    public async Task A_prompt_that_cannot_be_encoded_leaves_standard_output_empty()
    {
        var generate = await RunAsync("generate", _model.Path, "--prompt", "生命", "--device", "cpu", "--quiet");
        var sample = await RunAsync("sample", $"--init_from={_model.Path}", "--start=生命", "--device=cpu", "--quiet");

        Assert.Equal((ExitCode.Integrity, ""), (generate.Code, generate.Out));
        Assert.Equal((ExitCode.Integrity, ""), (sample.Code, sample.Out));
        Assert.Contains("\"生\"", sample.ErrorLine);
    }

    [Fact]
    public async Task A_line_that_cannot_be_encoded_does_not_end_the_session()
    {
        string expected = _generator.Generate("two", new() { MaxNewTokens = 5 }).Text + Environment.NewLine;

        var outcome = await RunAsync(new StringReader("生命\ntwo\n"), isTerminal: true, "generate", _model.Path, "--max-new-tokens", "5", "--device", "cpu", "--quiet");

        Assert.Equal((ExitCode.Success, expected), (outcome.Code, outcome.Out));
        Assert.Contains("error: ", outcome.Error);
        Assert.Contains("\"生\"", outcome.Error);
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_is_refused_with_its_place_and_a_byte_order_mark_is_none()
    {
        string broken = _model.File_("broken.txt", ""), marked = _model.File_("marked.txt", "\uFEFFOn\r\nce");
        File.WriteAllBytes(broken, [.. Encoding.UTF8.GetBytes(new string('a', 100_000)), 0xE7, 0x94, .. "b"u8]);
        var sample = await RunAsync("sample", $"--init_from={_model.Path}", $"--start=FILE:{broken}", "--quiet");
        var eval = await RunAsync("eval", _model.Path, broken, "--device", "cpu", "--quiet");
        var input = await RunAsync(new Utf8Input(new MemoryStream([0x61, 0xFF]), "standard input"), isTerminal: false, "generate", _model.Path, "--quiet");
        var read = await RunAsync("sample", $"--init_from={_model.Path}", $"--start=FILE:{marked}", "--num_samples=1", "--max_new_tokens=1", "--device=cpu", "--quiet");

        var directory = await RunAsync("eval", _model.Path, _model.Path, "--quiet");
        Assert.Contains("is a directory", directory.ErrorLine);
        Assert.All([sample, eval], outcome => Assert.Equal(ExitCode.Integrity, outcome.Code));
        Assert.All([sample, eval], outcome => Assert.Contains("byte 100,000 is 0xE7", outcome.ErrorLine));
        Assert.Contains("standard input is not UTF-8 text: byte 1 is 0xFF", input.ErrorLine);
        Assert.StartsWith("On\nce", read.Out);
        Assert.Equal("生命😀", new Utf8Input(new Dripping("\uFEFF生命😀"), "drops").ReadToEnd());
        Assert.Throws<CommandFailedException>(() => new Utf8Input(new MemoryStream([0x61, 0xF0, 0x9F]), "cut").ReadToEnd());
    }

    [Fact]
    public async Task What_is_resumed_is_on_disk()
    {
        var outcome = await RunAsync("sample", "--out_dir=no-such-run", "--quiet");

        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.Contains("no-such-run", outcome.ErrorLine);
        Assert.Contains("--out_dir", outcome.ErrorLine);
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

    [Theory]
    [InlineData("at least 2", "--window", "1")]
    [InlineData("at least 1", "--stride", "0")]
    [InlineData("--window is 5000; the model's context is 64", "--window", "5000")]
    [InlineData("--stride is 17; it is at most the window's 16", "--window", "16", "--stride", "17")]
    public async Task Windows_that_cannot_be_are_refused_by_the_names_that_were_typed(string expected, params string[] options)
    {
        var outcome = await RunAsync(["eval", _model.Path, _model.File_("text.txt", "Once upon a time"), "--device", "cpu", "--quiet", .. options]);

        Assert.Equal((ExitCode.Usage, ""), (outcome.Code, outcome.Out));
        Assert.Contains(expected, outcome.Error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("sample")]
    [InlineData("eval")]
    public async Task A_pipe_in_place_of_a_text_is_waited_for_until_a_Ctrl_C(string command)
    {
        Skip.If(OperatingSystem.IsWindows(), "pipes by name");
        string pipe = _model.File_("pipe", "");
        File.Delete(pipe);
        using (var make = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            await make.WaitForExitAsync();
        }

        string[] args = command == "eval" ? [command, _model.Path, pipe, "--device", "cpu", "--quiet"] : [command, $"--init_from={_model.Path}", $"--start=FILE:{pipe}", "--device=cpu", "--quiet"];
        using var cancel = new CancellationTokenSource();
        var running = Task.Run(() => CommandLineApp.RunAsync(args, new CliConsole(TextWriter.Null, TextWriter.Null, false), cancel.Token));
        await cancel.CancelAsync();

        Assert.Same(running, await Task.WhenAny(running, Task.Delay(TimeSpan.FromMinutes(1))));
        Assert.Equal(ExitCode.Cancelled, await running);

        // Lets the thread go that still waits, where there is one.
        using var end = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
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

    /// <summary>Gives a byte at a time.</summary>
    private sealed class Dripping(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);
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
