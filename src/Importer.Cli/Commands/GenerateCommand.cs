using System.CommandLine;
using System.Diagnostics;
using Importer.Cli.Output;
using Importer.Generation;
using PretrainedTokenizers;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights generate SOURCE</c>: continues a text; what is new goes to standard output as it is made.</summary>
internal static class GenerateCommand
{
    public static Command Create(CliConsole console)
    {
        var source = new Argument<string>("SOURCE") { Description = "A model's directory, an imported one for the quickest start, or its id on the hub." };
        var prompt = new Option<string?>("--prompt", "-p") { HelpName = "TEXT", Description = "The text to continue; by default standard input, or line by line where a person types it." };
        var arguments = new GenerationArguments();
        var command = new Command("generate", "Continue a text. Prints what is new, as it is made; samples are separated by a line of dashes.") { source, prompt };
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string name = parsed.GetRequiredValue(source);
            var options = arguments.Options(parsed);
            var text = new TextOptions { StopStrings = arguments.Stops(parsed) };
            bool json = arguments.Json(parsed);
            string? first = parsed.GetValue(prompt);
            if (first is null && !console.InputIsTerminal)
            {
                first = WithoutLineEnd(await ReadAsync(console.In.ReadToEnd, cancellationToken).ConfigureAwait(false));
            }

            if (first?.Length == 0)
            {
                throw new ArgumentException("There is no prompt. Give one with --prompt, or on standard input.");
            }

            var watch = Stopwatch.StartNew();
            using var generator = await arguments.LoadAsync(name, console, parsed, cancellationToken).ConfigureAwait(false);
            var load = watch.Elapsed;
            if (first is not null)
            {
                return await OneAsync(first).ConfigureAwait(false);
            }

            await console.Error.WriteLineAsync("Each line is a text to continue; an empty one, or Ctrl-D, ends.").ConfigureAwait(false);
            while (true)
            {
                await console.Error.WriteAsync("> ").ConfigureAwait(false);
                if (await ReadAsync(console.In.ReadLine, cancellationToken).ConfigureAwait(false) is not { Length: > 0 } line)
                {
                    return ExitCode.Success;
                }

                try
                {
                    if (await OneAsync(line).ConfigureAwait(false) is not ExitCode.Success and var code)
                    {
                        return code;
                    }
                }
                catch (Exception e) when (e is ArgumentException or TokenizerTextException)
                {
                    // The line's fault, and nobody's loss.
                    ErrorReporter.Report(e, console, json, withStackTrace: false);
                }
            }

            async Task<int> OneAsync(string start)
            {
                var writer = json ? null : new SampleWriter(console.Out, options.NumSamples, before: "", separate: options.NumSamples > 1);
                var run = await GenerationRun.RunAsync(generator, start, options, text, writer, cancellationToken).ConfigureAwait(false);
                if (json)
                {
                    await console.Out.WriteAsync(GenerationJson.Render(run, name, load)).ConfigureAwait(false);
                }

                return run.IsCancelled ? ExitCode.Cancelled : ExitCode.Success;
            }
        });
        return command;
    }

    /// <summary>Reads standard input, which no token ends, so that a Ctrl-C need not wait for a line.</summary>
    private static Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken) => Task.Run(read, cancellationToken).WaitAsync(cancellationToken);

    /// <summary>A text as somebody typed or piped it has a line end at its end that is not meant.</summary>
    private static string WithoutLineEnd(string text) => text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}
