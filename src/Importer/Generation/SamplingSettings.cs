using System.Security.Cryptography;

namespace Importer.Generation;

/// <summary>The options of one generation with nothing left open, checked.</summary>
internal sealed class SamplingSettings
{
    private SamplingSettings()
    {
    }

    public required int MaxNewTokens { get; init; }

    public required double Temperature { get; init; }

    public required int TopK { get; init; }

    public required double TopP { get; init; }

    public required double MinP { get; init; }

    public required double RepetitionPenalty { get; init; }

    public required IReadOnlySet<int> StopTokens { get; init; }

    public required ulong Seed { get; init; }

    public required int NumSamples { get; init; }

    public required ContextOverflow Overflow { get; init; }

    public required bool UseCache { get; init; }

    public required IReadOnlyList<LogitsHook> LogitsHooks { get; init; }

    public bool IsGreedy => Temperature == 0;

    /// <summary>Fills what the options leave open.</summary>
    /// <param name="options">The options.</param>
    /// <param name="defaults">What they leave open.</param>
    /// <param name="stopTokens">Tokens that end a continuation beside those; null for none.</param>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public static SamplingSettings Resolve(GenerationOptions options, GenerationDefaults defaults, IEnumerable<int>? stopTokens = null)
    {
        bool filtered = options.TopK > 0 || options.TopP < 1 || options.MinP > 0;
        double temperature = options.Temperature ?? (defaults.DoSample ? defaults.Temperature ?? 1 : filtered ? 1 : 0);
        var settings = new SamplingSettings
        {
            MaxNewTokens = options.MaxNewTokens ?? defaults.MaxNewTokens ?? 128,
            Temperature = temperature,
            TopK = options.TopK ?? defaults.TopK ?? 0,
            TopP = options.TopP ?? defaults.TopP ?? 1,
            MinP = options.MinP ?? defaults.MinP ?? 0,
            RepetitionPenalty = options.RepetitionPenalty ?? defaults.RepetitionPenalty ?? 1,
            StopTokens = new HashSet<int>([.. options.StopTokens ?? defaults.StopTokens, .. stopTokens ?? []]),
            Seed = options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))),
            NumSamples = options.NumSamples,
            Overflow = options.Overflow,
            UseCache = options.UseCache,
            LogitsHooks = options.LogitsHooks,
        };
        settings.Validate();
        return settings;
    }

    private void Validate()
    {
        Require(MaxNewTokens >= 1, nameof(MaxNewTokens), MaxNewTokens, "at least 1");
        Require(Temperature is >= 0 and < double.PositiveInfinity, nameof(Temperature), Temperature, "0 or above");
        Require(TopK >= 0, nameof(TopK), TopK, "0 for all tokens, or how many to keep");
        Require(TopP is > 0 and <= 1, nameof(TopP), TopP, "above 0, at most 1");
        Require(MinP is >= 0 and <= 1, nameof(MinP), MinP, "from 0 to 1");
        Require(RepetitionPenalty is > 0 and < double.PositiveInfinity, nameof(RepetitionPenalty), RepetitionPenalty, "above 0; 1 changes nothing");
        Require(NumSamples >= 1, nameof(NumSamples), NumSamples, "at least 1");
        Require(Enum.IsDefined(Overflow), nameof(Overflow), (int)Overflow, "one of the named values");
        ArgumentNullException.ThrowIfNull(LogitsHooks);
        if (LogitsHooks.Contains(null!))
        {
            throw new ArgumentException("A logits hook is null. Leave it out.", nameof(LogitsHooks));
        }
    }

    private static void Require(bool holds, string name, double value, string range)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"{name} is {value}; it is {range}."), name);
        }
    }
}
