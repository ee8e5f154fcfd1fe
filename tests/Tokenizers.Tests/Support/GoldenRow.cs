using System.Text.Json;
using Tests.Shared;

namespace Tokenizers.Tests.Support;

/// <summary>A row of expected_ids.jsonl: a text with its ids when added tokens are text, and when they are recognised.</summary>
internal sealed record GoldenRow(int Number, string Group, string Text, int[] Ids, int[] IdsSpecial)
{
    public static IReadOnlyList<GoldenRow> Read(string fixture) =>
        [.. File.ReadLines(Path.Combine(Repository.Fixture(fixture), "expected_ids.jsonl")).Select(Parse)];

    private static GoldenRow Parse(string line)
    {
        JsonElement row = JsonDocument.Parse(line).RootElement;
        int[] ids = Integers(row.GetProperty("ids"));
        string text = row.TryGetProperty("utf16", out JsonElement units)
            ? new string([.. Integers(units).Select(unit => (char)unit)])
            : row.GetProperty("text").GetString()!;
        return new GoldenRow(
            row.GetProperty("n").GetInt32(),
            row.GetProperty("group").GetString()!,
            text,
            ids,
            row.TryGetProperty("ids_special", out JsonElement special) ? Integers(special) : ids);
    }

    public static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];
}
