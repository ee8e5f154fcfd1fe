namespace HuggingFace.Hub.Client;

/// <summary>Which files of a repository make the model, as paths in the repository.</summary>
internal sealed record ModelChoice
{
    public string? Subfolder { get; init; }

    public required string Config { get; init; }

    public string? GenerationConfig { get; init; }

    public required HubWeightFormat Format { get; init; }

    public string? Index { get; init; }

    public required IReadOnlyList<string> Weights { get; init; }

    public required IReadOnlyList<string> Tokenizer { get; init; }

    public required IReadOnlyList<string> Others { get; init; }

    public IReadOnlyList<string> All =>
    [
        .. new[] { Config, GenerationConfig, Index }.OfType<string>().Concat(Weights).Concat(Tokenizer).Concat(Others)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];
}
