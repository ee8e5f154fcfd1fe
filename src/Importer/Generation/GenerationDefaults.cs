using System.Text.Json;
using Importer.Models;
using Importer.Sources;

namespace Importer.Generation;

/// <summary>
/// What a model's author recommends for its generation: generation_config.json, and the end of text in config.json. As in
/// transformers, sampling is off unless <c>do_sample</c> says otherwise. What is not a property here, such as beams, is not used.
/// </summary>
public sealed record GenerationDefaults
{
    private const string Name = "generation_config.json";

    /// <summary>Nothing recommended: greedy, without an end of text.</summary>
    public static GenerationDefaults None { get; } = new();

    /// <summary>Whether to draw from the distribution instead of taking the likeliest token.</summary>
    public bool DoSample { get; init; }

    /// <summary>See <see cref="GenerationOptions.MaxNewTokens"/>; null where nothing is said, as below.</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>See <see cref="GenerationOptions.Temperature"/>.</summary>
    public double? Temperature { get; init; }

    /// <summary>See <see cref="GenerationOptions.TopK"/>.</summary>
    public int? TopK { get; init; }

    /// <summary>See <see cref="GenerationOptions.TopP"/>.</summary>
    public double? TopP { get; init; }

    /// <summary>See <see cref="GenerationOptions.MinP"/>.</summary>
    public double? MinP { get; init; }

    /// <summary>See <see cref="GenerationOptions.RepetitionPenalty"/>.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>The tokens that end a text: <c>eos_token_id</c>, one or several.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>Reads the files of a model's directory. Neither needs to be there.</summary>
    /// <param name="directory">The directory.</param>
    /// <exception cref="GenerationException">generation_config.json holds something that cannot be meant.</exception>
    /// <exception cref="ModelConfigException">A file is broken.</exception>
    public static GenerationDefaults FromDirectory(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        var stops = Read(Path.Combine(directory, "config.json"), None).StopTokens;
        return Read(Path.Combine(directory, Name), new GenerationDefaults { StopTokens = stops });
    }

    private static GenerationDefaults Read(string path, GenerationDefaults fallback)
    {
        if (!File.Exists(path))
        {
            return fallback;
        }

        using var document = ConfigFile.Load(path);
        var json = new ConfigJson(document.RootElement, path);
        return new GenerationDefaults
        {
            DoSample = json.Flag("do_sample") ?? false,
            MaxNewTokens = json.OptionalCount("max_new_tokens"),
            Temperature = json.Number("temperature"),
            TopK = Whole(json, "top_k", path),
            TopP = json.Number("top_p"),
            MinP = json.Number("min_p"),
            RepetitionPenalty = json.Number("repetition_penalty"),
            StopTokens = StopIds(document.RootElement, path) ?? fallback.StopTokens,
        };
    }

    private static int? Whole(ConfigJson json, string field, string path) => json.Number(field) switch
    {
        null => null,
        >= 0 and <= int.MaxValue and var value when value == Math.Truncate(value) => (int)value,
        var value => throw new GenerationException(
            FormattableString.Invariant($"{path}: {field} is {value} where a whole number was expected. Correct it, or remove the file.")),
    };

    private static List<int>? StopIds(JsonElement json, string path)
    {
        if (!json.TryGetProperty("eos_token_id", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var ids = new List<int>();
        foreach (var element in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value])
        {
            // Some models write -1 for none.
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int id))
            {
                throw new GenerationException(
                    $"{path}: eos_token_id is {ConfigJson.Shorten(value)} where a token's id, or a list of them, was expected. Correct it.");
            }

            if (id >= 0)
            {
                ids.Add(id);
            }
        }

        return ids;
    }
}
