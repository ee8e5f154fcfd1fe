using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;
using Importer.Training.Data;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights prepare SOURCE --out DIR</c>: from text to the tokens that training reads.</summary>
internal sealed class PrepareCommand
{
    private readonly Argument<string> _source = new("SOURCE") { Description = "A text in UTF-8, JSON lines (.jsonl), or a directory of such files." };
    private readonly Option<string> _out = new("--out", "-o") { Description = "The directory to make.", HelpName = "DIR", Required = true };
    private readonly Option<string> _tokenizer = new("--tokenizer", "-t")
    {
        Description = "gpt2, char for the text's own characters, or a model's directory or id.",
        HelpName = "MODEL",
        DefaultValueFactory = _ => "gpt2",
    };

    private readonly Option<double> _valFraction = new("--val-fraction", "--val_fraction")
    {
        Description = "The part at the end that is only evaluated on; 0.1 by default.",
        HelpName = "PART",
        DefaultValueFactory = _ => new PrepareOptions().ValFraction,
        CustomParser = ParseFraction,
    };

    private readonly Option<string> _field = new("--field")
    {
        Description = "The field of JSON lines that holds the text; text by default.",
        HelpName = "NAME",
        DefaultValueFactory = _ => new PrepareOptions().TextField,
    };

    private readonly Option<bool> _replaceInvalid = new("--replace-invalid") { Description = "Make U+FFFD of what is no valid Unicode, instead of refusing the text." };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Replace other prepared data." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document on standard output." };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no summary; errors only." };
    private readonly HubArguments _hub = new();
    private readonly CliConsole _console;

    private PrepareCommand(CliConsole console) => _console = console;

    /// <summary>The command.</summary>
    public static Command Create(CliConsole console)
    {
        var command = new PrepareCommand(console);
        var prepare = new Command("prepare", """
            Tokenises text for training: train.bin, val.bin and what tells the tokens.

            Of a text file they are byte for byte what nanoGPT's prepare.py writes. The objects of JSON lines and the
            files of a directory are documents: each ends with the tokenizer's end of text, or with a line break where
            it has none. Memory does not grow with the text.

            The directory appears whole or not at all; what no preparation made is never replaced.
            """)
        {
            command._source, command._out, command._tokenizer, command._valFraction, command._field, command._replaceInvalid, command._force, command._json, command._quiet,
        };
        command._hub.AddTo(prepare);
        prepare.SetAction(command.RunAsync);
        return prepare;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool quiet = parsed.GetValue(_quiet);
        using var log = new HubLog(_console.Error, show: !quiet);
        using var client = _hub.CreateClient(parsed, log);
        var result = await ProgressDisplay.RunAsync(_console, show: !quiet, async progress =>
        {
            var tokenizer = await DatasetTokenizerSource.ResolveAsync(
                parsed.GetRequiredValue(_tokenizer), _hub.Access(parsed, client, progress.Download), cancellationToken).ConfigureAwait(false);
            var options = new PrepareOptions
            {
                Tokenizer = tokenizer,
                ValFraction = parsed.GetValue(_valFraction),
                TextField = parsed.GetRequiredValue(_field),
                ReplaceInvalid = parsed.GetValue(_replaceInvalid),
                Force = parsed.GetValue(_force),
                Progress = progress.Prepare,
            };
            return await DatasetPreparer.PrepareAsync(parsed.GetRequiredValue(_source), parsed.GetRequiredValue(_out), options, cancellationToken).ConfigureAwait(false);
        }, log).ConfigureAwait(false);
        if (parsed.GetValue(_json))
        {
            await _console.Out.WriteAsync(PrepareOutput.Json(result)).ConfigureAwait(false);
        }
        else if (!quiet)
        {
            await _console.Out.WriteAsync(PrepareOutput.Text(result)).ConfigureAwait(false);
        }

        return ExitCode.Success;
    }

    private static double ParseFraction(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double part) && part is >= 0 and < 1)
        {
            return part;
        }

        result.AddError($"'{text}' is no part of a text; give a number from 0 to below 1.");
        return 0;
    }
}
