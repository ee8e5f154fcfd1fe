using System.Text.Json;

namespace PretrainedTokenizers;

/// <summary>An added token as JSON has it: in tokenizer.json, tokenizer_config.json and special_tokens_map.json.</summary>
internal static class AddedTokenJson
{
    /// <summary>Reads a token whose id is known; null (and a problem) where it is not one.</summary>
    public static AddedToken? Read(JsonElement element, int id, string where, ProblemList problems)
    {
        if (element.ValueKind != JsonValueKind.Object || JsonText.Text(element, "content", where, problems) is not { } content)
        {
            problems.Add($"{where} is not a token with its content");
            return null;
        }

        bool special = JsonText.Flag(element, "special", absent: false, where, problems);
        return new AddedToken(id, content)
        {
            Special = special,
            LStrip = JsonText.Flag(element, "lstrip", absent: false, where, problems),
            RStrip = JsonText.Flag(element, "rstrip", absent: false, where, problems),
            SingleWord = JsonText.Flag(element, "single_word", absent: false, where, problems),
            Normalized = JsonText.Flag(element, "normalized", absent: !special, where, problems),
        };
    }
}
