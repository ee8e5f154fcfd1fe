using System.Text.Json.Nodes;
using Importer.Cli.Commands;
using Importer.Generation;

namespace Importer.Cli.Output;

/// <summary>Continuations for machines.</summary>
internal static class GenerationJson
{
    public static string Render(GenerationRun run, string model, TimeSpan load) => JsonOutput.Render(new JsonObject
    {
        ["model"] = model,
        ["prompt"] = run.Prompt,
        ["seed"] = run.Seed,
        ["samples"] = new JsonArray([.. Enumerable.Range(0, run.SampleCount).Select(number =>
        {
            var (text, ids, finish) = run.Sample(number);
            return (JsonNode)new JsonObject
            {
                ["text"] = text,
                ["ids"] = JsonOutput.Numbers(ids.Select(id => (long)id)),
                ["finish_reason"] = Name(finish),
            };
        })]),
        ["tokens"] = run.TokenCount,
        ["load_seconds"] = Seconds(load),
        ["first_token_seconds"] = Seconds(run.FirstToken),
        ["seconds"] = Seconds(run.Total),
        ["tokens_per_second"] = run.TokenCount == 0 ? 0 : Math.Round(run.TokenCount / Math.Max(1e-9, run.Total.TotalSeconds), 2),
    });

    /// <summary>The reason as OpenAI's interfaces spell it where they know it.</summary>
    public static string Name(FinishReason? finish) => finish switch
    {
        FinishReason.Length => "length",
        FinishReason.StopToken or FinishReason.StopString => "stop",
        FinishReason.ContextFull => "context_full",
        _ => "cancelled",
    };

    private static double Seconds(TimeSpan span) => Math.Round(span.TotalSeconds, 4);
}
