using PretrainedTokenizers;

namespace Importer.Training;

/// <summary>The files that a tokenizer and the settings of generation are made of, for checkpoints.</summary>
internal static class TokenizerFiles
{
    private static readonly string[] Bpe =
    [
        "tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "generation_config.json",
    ];

    private static readonly string[] Characters = ["meta.json", "meta.pkl"];

    /// <summary>Reads them.</summary>
    /// <param name="directory">A model's, a checkpoint's or a data set's directory; null for none.</param>
    /// <returns>The files by name; empty where there is no tokenizer.</returns>
    public static IReadOnlyDictionary<string, byte[]> Read(string? directory)
    {
        if (directory is null || Find(directory) is not { } tokenizer)
        {
            return new Dictionary<string, byte[]>();
        }

        return (tokenizer is CharTokenizer ? Characters : Bpe).Select(name => (name, Path: Path.Combine(directory, name))).Where(file => File.Exists(file.Path))
            .Take(tokenizer is CharTokenizer ? 1 : int.MaxValue)
            .ToDictionary(file => file.name, file => File.ReadAllBytes(file.Path));
    }

    /// <summary>Those of a run: the model's own, or else the data's.</summary>
    public static IReadOnlyDictionary<string, byte[]> Of(RunStart start, RunData data) =>
        Read(start.TokenizerDirectory) is { Count: > 0 } own ? own : Read(data.Tokens.Tokenizer is null ? null : data.Tokens.Directory);

    /// <summary>The tokenizer of a directory; null where it has none.</summary>
    public static Tokenizer? Find(string directory)
    {
        try
        {
            return Tokenizer.FromDirectory(directory);
        }
        catch (TokenizerNotFoundException)
        {
            return null;
        }
    }
}
