using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Importer.Generation;

namespace Importer.Cli.Commands;

/// <summary>The options of the commands that run a model, under their own spelling and nanoGPT's.</summary>
internal sealed class GenerationArguments
{
    /// <summary>A temperature and the rest as nanoGPT's sample.py has them; or else the model's own.</summary>
    private readonly GenerationOptions? _defaults;

    private readonly Option<int?> _numSamples = new("--num-samples", "--num_samples") { HelpName = "N", Description = "Continuations of the prompt, computed together." };
    private readonly Option<int?> _maxNewTokens = new("--max-new-tokens", "--max_new_tokens") { HelpName = "N", Description = "Tokens to make at most." };
    private readonly Option<double?> _temperature = new("--temperature") { HelpName = "T", Description = "0 for the likeliest token always; below 1 the likely become likelier." };
    private readonly Option<int?> _topK = new("--top-k", "--top_k") { HelpName = "K", Description = "Draw from the K likeliest tokens; 0 for all." };
    private readonly Option<double?> _topP = new("--top-p", "--top_p") { HelpName = "P", Description = "Draw from the likeliest tokens that have this much probability together." };
    private readonly Option<double?> _minP = new("--min-p", "--min_p") { HelpName = "P", Description = "Draw from tokens with this part of the likeliest one's probability." };
    private readonly Option<double?> _repetitionPenalty = new("--repetition-penalty", "--repetition_penalty") { HelpName = "R", Description = "Above 1 makes tokens that were there less likely." };
    private readonly Option<ContextOverflow?> _overflow = new("--overflow") { HelpName = "HOW", Description = "Beyond the context: slide forgets the oldest quarter now and then; exact forgets a token for each new one, as nanoGPT does, and computes the rest again every time; stop ends the text.", CustomParser = ParseOverflow };
    private readonly Option<ulong?> _seed = new("--seed") { HelpName = "N", Description = "The same seed gives the same text." };
    private readonly Option<string[]> _stop = new("--stop") { HelpName = "TEXT", Description = "End before this text; may be given several times." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document on standard output." };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress; errors only." };
    private readonly ModelArguments _model = new();

    /// <param name="defaults">What is used for options that are not given; null for the model's own.</param>
    public GenerationArguments(GenerationOptions? defaults = null)
    {
        _defaults = defaults;
        Mention(_numSamples, defaults?.NumSamples ?? 1);
        Mention(_maxNewTokens, defaults?.MaxNewTokens ?? 128);
        Mention(_temperature, defaults?.Temperature);
        Mention(_topK, defaults?.TopK);
        Mention(_seed, defaults?.Seed);
        _overflow.Description += defaults?.Overflow == ContextOverflow.SlideExactly ? " Exact by default." : " Slide by default.";
        Require(_numSamples, number => number >= 1, "at least 1");
        Require(_maxNewTokens, number => number >= 1, "at least 1");
        Require(_temperature, number => number is >= 0 and < double.PositiveInfinity, "0 or above");
        Require(_topK, number => number >= 0, "0 for all tokens, or how many to keep");
        Require(_topP, number => number is > 0 and <= 1, "above 0, at most 1");
        Require(_minP, number => number is >= 0 and <= 1, "from 0 to 1");
        Require(_repetitionPenalty, number => number is > 0 and < double.PositiveInfinity, "above 0; 1 changes nothing");
        _stop.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
            {
                result.AddError("--stop is an empty text, with which every text ends at once. Leave it out.");
            }
        });
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _numSamples, _maxNewTokens, _temperature, _topK, _topP, _minP, _repetitionPenalty, _overflow, _seed, _stop, _json, _quiet,
        })
        {
            command.Options.Add(option);
        }

        _model.AddTo(command);
    }

    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    public bool Quiet(ParseResult parsed) => parsed.GetValue(_quiet);

    /// <summary>Loads what the options ask for.</summary>
    public Task<TextGenerator> LoadAsync(string source, CliConsole console, ParseResult parsed, CancellationToken cancellationToken) =>
        _model.LoadAsync(source, console, parsed, Quiet(parsed), cancellationToken);

    public GenerationOptions Options(ParseResult parsed) => new()
    {
        NumSamples = parsed.GetValue(_numSamples) ?? _defaults?.NumSamples ?? 1,
        MaxNewTokens = parsed.GetValue(_maxNewTokens) ?? _defaults?.MaxNewTokens,
        Temperature = parsed.GetValue(_temperature) ?? _defaults?.Temperature,
        TopK = parsed.GetValue(_topK) ?? _defaults?.TopK,
        TopP = parsed.GetValue(_topP) ?? _defaults?.TopP,
        MinP = parsed.GetValue(_minP) ?? _defaults?.MinP,
        RepetitionPenalty = parsed.GetValue(_repetitionPenalty) ?? _defaults?.RepetitionPenalty,
        StopTokens = _defaults?.StopTokens,
        Overflow = parsed.GetValue(_overflow) ?? _defaults?.Overflow ?? ContextOverflow.Slide,

        // Chosen here where nobody chose, so that it can be told.
        Seed = parsed.GetValue(_seed) ?? _defaults?.Seed ?? (ulong)Random.Shared.NextInt64(),
    };

    public IReadOnlyList<string> Stops(ParseResult parsed) => parsed.GetValue(_stop) ?? [];

    /// <summary>Says before anything is loaded what cannot be meant, by the name that was typed.</summary>
    public static void Require<T>(Option<T?> option, Func<T, bool> holds, string range)
        where T : struct, IParsable<T> =>
        option.Validators.Add(result =>
        {
            // What is no number at all is said by the parser.
            if (result.Tokens is [var token] && T.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && !holds(value))
            {
                result.AddError($"{result.IdentifierToken?.Value ?? option.Name} is {token.Value}; it is {range}.");
            }
        });

    private static ContextOverflow? ParseOverflow(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        switch (text.ToLowerInvariant())
        {
            case "slide":
                return ContextOverflow.Slide;
            case "exact":
                return ContextOverflow.SlideExactly;
            case "stop":
                return ContextOverflow.Stop;
            default:
                result.AddError($"'{text}' is not what can happen beyond the context; choose slide, exact or stop.");
                return null;
        }
    }

    private static void Mention(Option option, IFormattable? value)
    {
        string text = value is null ? "by default the model's own" : $"{value.ToString(null, CultureInfo.InvariantCulture)} by default";
        option.Description = option.Name == "--seed" && value is null ? $"{option.Description} Another one each time by default." : $"{option.Description} {char.ToUpperInvariant(text[0])}{text[1..]}.";
    }
}
