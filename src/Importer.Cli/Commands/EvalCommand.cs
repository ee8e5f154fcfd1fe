using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Importer.Cli.Output;
using Importer.Evaluation;
using PretrainedTokenizers;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights eval SOURCE FILE</c>: how well a model predicts a text.</summary>
internal static class EvalCommand
{
    // As the model was trained: begun and ended as its tokenizer does it, while a text that says <|endoftext|> only says so.
    private static readonly EncodeOptions Encoding = new() { AddedTokens = AddedTokenHandling.SpecialAsText };

    public static Command Create(CliConsole console)
    {
        var source = new Argument<string>("SOURCE") { Description = "A model's directory, or its id on the hub." };
        var file = new Argument<string>("FILE") { Description = "The text, UTF-8; - for standard input." };
        var window = new Option<int?>("--window") { HelpName = "N", Description = "Tokens per window; the model's context by default, at most 2048." };
        var stride = new Option<int?>("--stride") { HelpName = "N", Description = "Tokens from window to window; half the window by default." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No progress; errors only." };
        var model = new ModelArguments();
        var command = new Command("eval", "Print the loss and the perplexity of a text, in overlapping windows.") { source, file, window, stride, json, quiet };
        model.AddTo(command);
        GenerationArguments.Require(window, number => number >= 2, "at least 2 tokens");
        GenerationArguments.Require(stride, number => number >= 1, "at least 1 token");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(file);
            using var reader = path == "-" ? console.In : await Utf8Input.OpenAsync(path, cancellationToken).ConfigureAwait(false);
            using var generator = await model.LoadAsync(parsed.GetRequiredValue(source), console, parsed, parsed.GetValue(quiet), cancellationToken).ConfigureAwait(false);
            RequireRoom(parsed.GetValue(window), parsed.GetValue(stride), generator.Model.Config.BlockSize);
            var ids = new List<int>();
            await foreach (var block in generator.Tokenizer.EncodeBlocksAsync(reader, Encoding, cancellationToken).ConfigureAwait(false))
            {
                ids.AddRange(block.Ids.Span);
            }

            var watch = Stopwatch.StartNew();
            var options = new EvaluationOptions
            {
                WindowLength = parsed.GetValue(window),
                Stride = parsed.GetValue(stride),
                Progress = parsed.GetValue(quiet) ? null : new Lines(console.Error),
            };
            var result = await Task.Run(
                () => PerplexityEvaluator.Evaluate(generator.Model, CollectionsMarshal.AsSpan(ids), options, cancellationToken), cancellationToken).ConfigureAwait(false);
            await console.Out.WriteAsync(parsed.GetValue(json) ? Json(result, watch.Elapsed) : Text(result)).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    // Before the text is tokenised, which may take long, and by the names that were typed.
    private static void RequireRoom(int? window, int? stride, int context)
    {
        if (window > context)
        {
            throw new ArgumentException($"--window is {window}; the model's context is {context} tokens.");
        }

        if (stride is { } step && window is { } length && step > length)
        {
            throw new ArgumentException($"--stride is {step}; it is at most the window's {length} tokens.");
        }
    }

    private static string Text(EvaluationResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"loss        {result.Loss:0.0000}\nperplexity  {result.Perplexity:0.00}\ntokens      {result.TokenCount}, {result.PredictedCount} of them predicted in windows of {result.WindowLength}, {result.Stride} apart\n");

    private static string Json(EvaluationResult result, TimeSpan elapsed) => JsonOutput.Render(new JsonObject
    {
        ["loss"] = Number(result.Loss),
        ["perplexity"] = Number(result.Perplexity),
        ["tokens"] = result.TokenCount,
        ["predicted"] = result.PredictedCount,
        ["window"] = result.WindowLength,
        ["stride"] = result.Stride,
        ["seconds"] = Math.Round(elapsed.TotalSeconds, 3),
    });

    // A model may hold a token for impossible, and JSON has no number for that.
    private static JsonNode Number(double value) => double.IsFinite(value) ? value : "Infinity";

    /// <summary>A line now and then.</summary>
    private sealed class Lines(TextWriter error) : IProgress<EvaluationProgress>
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private TimeSpan _last;

        public void Report(EvaluationProgress value)
        {
            if (_watch.Elapsed - _last >= Output.Progress.Interval.OfLines)
            {
                _last = _watch.Elapsed;
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"evaluating: {value.TokensDone:N0} of {value.TokensTotal:N0} tokens, loss {value.Loss:0.000}"));
            }
        }
    }
}
