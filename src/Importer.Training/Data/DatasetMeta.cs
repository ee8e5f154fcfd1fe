using System.Text.Json.Serialization;

namespace Importer.Training.Data;

/// <summary>What <c>meta.json</c> of a prepared directory says: which tokens these are, and what they were made of.</summary>
public sealed record DatasetMeta
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "meta.json";

    internal const string CurrentFormat = "prepared-dataset/1";

    /// <summary>The format of this file: <c>prepared-dataset/1</c>.</summary>
    public required string Format { get; init; }

    /// <summary>What wrote it, with its version.</summary>
    public required string Tool { get; init; }

    /// <summary>The number of ids, under nanoGPT's name.</summary>
    public required int VocabSize { get; init; }

    /// <summary><c>uint16</c> or <c>uint32</c>.</summary>
    [JsonPropertyName("dtype")]
    public required string DType { get; init; }

    /// <summary>The tokenizer.</summary>
    public required DatasetTokenizer Tokenizer { get; init; }

    /// <summary>What is trained on.</summary>
    public required DatasetSplit Train { get; init; }

    /// <summary>What is only evaluated on.</summary>
    public required DatasetSplit Val { get; init; }

    /// <summary>How the text was split, in words that change whenever the rule does.</summary>
    public required string SplitRule { get; init; }

    /// <summary>What the tokens were made of.</summary>
    public required DatasetSource Source { get; init; }

    /// <summary>The characters by id, as nanoGPT's meta has them; only of a vocabulary of characters.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal Dictionary<string, string>? Itos { get; init; }

    /// <summary>The ids by character.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal Dictionary<string, int>? Stoi { get; init; }
}
