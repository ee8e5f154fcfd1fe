using System.Diagnostics;
using Importer.Cli.Output;
using Importer.Generation;

namespace Importer.Cli.Commands;

/// <summary>One prompt, continued and shown; what was made before a Ctrl-C is kept.</summary>
internal sealed class GenerationRun
{
    private readonly List<int>[] _ids;
    private readonly System.Text.StringBuilder[] _texts;
    private readonly FinishReason?[] _finish;

    private GenerationRun(string prompt, GenerationOptions options)
    {
        Prompt = prompt;
        Seed = options.Seed!.Value;
        _ids = [.. Enumerable.Range(0, options.NumSamples).Select(_ => new List<int>())];
        _texts = [.. Enumerable.Range(0, options.NumSamples).Select(_ => new System.Text.StringBuilder())];
        _finish = new FinishReason?[options.NumSamples];
    }

    public string Prompt { get; }

    public ulong Seed { get; }

    public int SampleCount => _ids.Length;

    /// <summary>Until the first token, the prompt's computation with it.</summary>
    public TimeSpan FirstToken { get; private set; }

    public TimeSpan Total { get; private set; }

    /// <summary>Whether it was ended before the text was.</summary>
    public bool IsCancelled { get; private set; }

    public int TokenCount => _ids.Sum(ids => ids.Count);

    public (string Text, IReadOnlyList<int> Ids, FinishReason? Finish) Sample(int number) => (_texts[number].ToString(), _ids[number], _finish[number]);

    /// <summary>Continues a prompt.</summary>
    /// <param name="generator">The model.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How, with a seed.</param>
    /// <param name="text">Stop strings and encoding.</param>
    /// <param name="writer">Shows the text as it is made; null where nobody wants to see it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<GenerationRun> RunAsync(
        TextGenerator generator, string prompt, GenerationOptions options, TextOptions text, SampleWriter? writer, CancellationToken cancellationToken)
    {
        var run = new GenerationRun(prompt, options);
        var watch = Stopwatch.StartNew();
        try
        {
            await foreach (var part in generator.StreamAsync(prompt, options, text, cancellationToken).ConfigureAwait(false))
            {
                if (run.FirstToken == default)
                {
                    run.FirstToken = watch.Elapsed;
                }

                run._ids[part.Sample].Add(part.Id);
                run._texts[part.Sample].Append(part.Text);
                run._finish[part.Sample] = part.FinishReason;
                writer?.Write(part);
            }
        }
        catch (OperationCanceledException)
        {
            run.IsCancelled = true;
        }
        catch
        {
            writer?.Abandon();
            throw;
        }

        if (!run.IsCancelled || run.TokenCount > 0)
        {
            writer?.End();
        }

        run.Total = watch.Elapsed;
        return run;
    }
}
