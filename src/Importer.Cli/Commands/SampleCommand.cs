using System.CommandLine;
using System.Diagnostics;
using Importer.Cli.Output;
using Importer.Generation;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights sample</c>: nanoGPT's sample.py, its options and its output.</summary>
internal static class SampleCommand
{
    private const string Resume = "resume", FilePrefix = "FILE:";

    public static Command Create(CliConsole console)
    {
        var from = new Option<string>("--init_from", "--init-from") { HelpName = "MODEL", Description = "A model's id or directory, such as gpt2-xl; or resume, for the model in --out_dir.", DefaultValueFactory = _ => Resume };
        var outDir = new Option<string>("--out_dir", "--out-dir") { HelpName = "DIR", Description = "Where the model is that --init_from=resume takes.", DefaultValueFactory = _ => "out" };
        var start = new Option<string>("--start") { HelpName = "TEXT", Description = "The text to continue, or FILE:PATH for a file's; a line end by default.", DefaultValueFactory = _ => "\n" };
        var compile = new Option<string?>("--compile") { Hidden = true };
        var arguments = new GenerationArguments(new GenerationOptions
        {
            NumSamples = 10,
            MaxNewTokens = 500,
            Temperature = 0.8,
            TopK = 200,
            Seed = 1337,
            StopTokens = [], // sample.py goes on behind the end of a text
            Overflow = ContextOverflow.SlideExactly,
        });
        var command = new Command("sample", "Continue a text as nanoGPT's sample.py does, with its options, defaults and output.") { from, outDir, start, compile };
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string model = parsed.GetRequiredValue(from) is var chosen && chosen == Resume ? OnDisk(parsed.GetRequiredValue(outDir)) : chosen;
            string prompt = parsed.GetRequiredValue(start);
            if (prompt.StartsWith(FilePrefix, StringComparison.Ordinal))
            {
                // As Python's open reads it: every end of a line is \n.
                prompt = (await Utf8Input.ReadAsync(prompt[FilePrefix.Length..], cancellationToken).ConfigureAwait(false)).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
            }

            var options = arguments.Options(parsed);
            var text = new TextOptions { StopStrings = arguments.Stops(parsed), SkipSpecialTokens = false };
            var watch = Stopwatch.StartNew();
            using var generator = await arguments.LoadAsync(model, console, parsed, cancellationToken).ConfigureAwait(false);
            var load = watch.Elapsed;
            var writer = arguments.Json(parsed) ? null : new SampleWriter(console.Out, options.NumSamples, before: prompt, separate: true);
            var run = await GenerationRun.RunAsync(generator, prompt, options, text, writer, cancellationToken).ConfigureAwait(false);
            if (writer is null)
            {
                await console.Out.WriteAsync(GenerationJson.Render(run, model, load)).ConfigureAwait(false);
            }

            return run.IsCancelled ? ExitCode.Cancelled : ExitCode.Success;
        });
        return command;
    }

    // Otherwise "out" would be asked of the hub.
    private static string OnDisk(string directory) => Path.Exists(directory)
        ? directory
        : throw new CommandFailedException(
            ExitCode.NotFound, $"There is no directory {directory} with a model to resume. Say where it is with --out_dir, or choose another with --init_from, such as gpt2.");
}
