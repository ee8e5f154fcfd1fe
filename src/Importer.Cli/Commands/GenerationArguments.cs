using System.CommandLine;
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
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _numSamples, _maxNewTokens, _temperature, _topK, _topP, _minP, _repetitionPenalty, _seed, _stop, _json, _quiet,
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

        // Chosen here where nobody chose, so that it can be told.
        Seed = parsed.GetValue(_seed) ?? _defaults?.Seed ?? (ulong)Random.Shared.NextInt64(),
    };

    public IReadOnlyList<string> Stops(ParseResult parsed) => parsed.GetValue(_stop) ?? [];

    private static void Mention(Option option, IFormattable? value)
    {
        string text = value is null ? "by default the model's own" : $"{value.ToString(null, System.Globalization.CultureInfo.InvariantCulture)} by default";
        option.Description = option.Name == "--seed" && value is null ? $"{option.Description} Another one each time by default." : $"{option.Description} {char.ToUpperInvariant(text[0])}{text[1..]}.";
    }
}
