using System.Runtime.CompilerServices;
using Importer.Loading;
using Importer.Models;
using Importer.Sources;
using PretrainedTokenizers;

namespace Importer.Generation;

/// <summary>Text in, text out: a model of any family with its tokenizer and its recommended options.</summary>
/// <example>
/// <code>
/// using var generator = TextGenerator.FromPretrained("openai-community/gpt2");
/// Console.WriteLine(generator.Generate("The meaning of life is").Text);
/// await foreach (var part in generator.StreamAsync("Once upon a time", new() { Temperature = 0.8, TopK = 200 })) Console.Write(part.Text);
/// </code>
/// </example>
public sealed class TextGenerator : IDisposable
{
    // nanoGPT's table, and the sizes of GPT-2's vocabulary: as it is, and as nanoGPT pads it.
    private const string NanoGptMapping = "gpt2-nanogpt";
    private const int Gpt2Vocabulary = 50257, Gpt2Padded = 50304;

    private static readonly TextOptions DefaultText = new();

    private readonly bool _ownsModel;

    /// <summary>A generator from its parts.</summary>
    /// <param name="model">The model, in evaluation mode; it stays the caller's.</param>
    /// <param name="tokenizer">The tokenizer that belongs to it.</param>
    /// <param name="defaults">
    /// What options that are left open come from; null for nothing. Where they name no stop token, it is the tokenizer's end of text.
    /// </param>
    /// <exception cref="ArgumentException">The model is in F16 on a CPU for which this torch has no such computation.</exception>
    public TextGenerator(PretrainedModel model, Tokenizer tokenizer, GenerationDefaults? defaults = null)
        : this(model, tokenizer, defaults, ownsModel: false)
    {
    }

    private TextGenerator(PretrainedModel model, Tokenizer tokenizer, GenerationDefaults? defaults, bool ownsModel)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        defaults ??= GenerationDefaults.None;
        if (defaults.StopTokens.Count == 0 && tokenizer.EosId is { } end)
        {
            defaults = defaults with { StopTokens = [end] };
        }

        Tokens = new TokenGenerator(model, defaults);
        Tokenizer = tokenizer;
        _ownsModel = ownsModel;
    }

    /// <summary>The model.</summary>
    public PretrainedModel Model => Tokens.Model;

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The same for token ids.</summary>
    public TokenGenerator Tokens { get; }

    /// <summary>Loads a model with its tokenizer and its recommended options.</summary>
    /// <param name="idOrPath">A model's directory, or its id on the hub.</param>
    /// <param name="options">Device, dtype and the rest; null for the defaults.</param>
    /// <returns>The generator, which owns the model: dispose it when done.</returns>
    /// <exception cref="PretrainedException">The model cannot be loaded, or its generation_config.json is broken.</exception>
    /// <exception cref="TokenizerException">There is no tokenizer, or it is broken or of a kind that is not supported.</exception>
    /// <exception cref="HuggingFace.Hub.Client.HubException">The hub does not give the model.</exception>
    public static TextGenerator FromPretrained(string idOrPath, PretrainedOptions? options = null) =>
        Task.Run(() => FromPretrainedAsync(idOrPath, options)).GetAwaiter().GetResult();

    /// <inheritdoc cref="FromPretrained"/>
    /// <param name="idOrPath">A model's directory, or its id on the hub.</param>
    /// <param name="options">Device, dtype and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    public static async Task<TextGenerator> FromPretrainedAsync(
        string idOrPath, PretrainedOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrPath);
        options ??= new PretrainedOptions();
        options.Validate();
        var located = await ModelLocator.LocateAsync(idOrPath, options.HubForProgress(), cancellationToken).ConfigureAwait(false);
        string directory = File.Exists(located.Path) ? Path.GetDirectoryName(Path.GetFullPath(located.Path))! : located.Path;

        // Beside the weights, which take longer.
        var tokenizer = Task.Run(() => TokenizerAsync(options.Tokenizer, directory, options, cancellationToken), cancellationToken);
        var defaults = GenerationDefaults.FromDirectory(directory);
        var model = await ModelLoader.LoadAsync(located.Path, options, only: null, cancellationToken).ConfigureAwait(false);
        try
        {
            return new TextGenerator(model, await TokenizerOfAsync(model).ConfigureAwait(false), defaults, ownsModel: true);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        // nanoGPT keeps none beside a checkpoint but with its data; where that has none either, its sample.py takes GPT-2's.
        async Task<Tokenizer> TokenizerOfAsync(PretrainedModel loaded)
        {
            try
            {
                return await tokenizer.ConfigureAwait(false);
            }
            catch (TokenizerNotFoundException) when (options.Tokenizer is null && loaded.LoadReport?.Mapping == NanoGptMapping)
            {
                if (NanoGptDataset.Locate(located.Path) is { } data)
                {
                    return Tokenizer.FromDirectory(data);
                }

                if (loaded.Config.VocabSize is < Gpt2Vocabulary or > Gpt2Padded)
                {
                    throw;
                }

                return await TokenizerAsync(TokenizerLocator.Gpt2, directory, options, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<Tokenizer> TokenizerAsync(string? other, string directory, PretrainedOptions options, CancellationToken cancellationToken) =>
        Tokenizer.FromDirectory(
            other is null ? directory : await TokenizerLocator.LocateAsync(other, options.HubForProgress(), cancellationToken).ConfigureAwait(false));

    /// <summary>Continues a text.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="options">How; null for the defaults. Of several samples, the first is returned.</param>
    /// <param name="text">Stop strings and encoding; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <exception cref="ArgumentException">The prompt has no token, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
    /// <exception cref="GenerationException">The model gives logits that are not numbers, or a hook leaves no token.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public GeneratedText Generate(
        string prompt, GenerationOptions? options = null, TextOptions? text = null, CancellationToken cancellationToken = default) =>
        Generate([prompt], options, text, cancellationToken)[0];

    /// <inheritdoc cref="Generate(string, GenerationOptions, TextOptions, CancellationToken)"/>
    /// <summary>Continues texts, together.</summary>
    /// <param name="prompts">The texts.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="text">Stop strings and encoding; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>The continuations, by prompt and then by sample.</returns>
    public IReadOnlyList<GeneratedText> Generate(
        IReadOnlyList<string> prompts, GenerationOptions? options = null, TextOptions? text = null, CancellationToken cancellationToken = default)
    {
        var work = Prepare(prompts, options, text);
        using var session = new GenerationSession(Model, work.Ids, work.Settings, work.Stops);
        while (!session.IsDone)
        {
            foreach (var token in session.Step(cancellationToken))
            {
                work.Take(token);
            }
        }

        return
        [
            .. session.Sequences.Select(sequence => sequence.ToResult()).Select(result =>
                new GeneratedText(result.Prompt, result.Sample, work.TextOf(result), result.Ids, result.FinishReason)),
        ];
    }

    /// <inheritdoc cref="Generate(string, GenerationOptions, TextOptions, CancellationToken)"/>
    /// <summary>Continues a text and gives each piece of it as soon as it is made.</summary>
    /// <returns>The pieces, one per token. The work is done on a thread of its own and ends with the enumeration; it waits for a slow reader.</returns>
    public IAsyncEnumerable<GeneratedTextPart> StreamAsync(
        string prompt, GenerationOptions? options = null, TextOptions? text = null, CancellationToken cancellationToken = default) =>
        StreamAsync([prompt], options, text, cancellationToken);

    /// <inheritdoc cref="StreamAsync(string, GenerationOptions, TextOptions, CancellationToken)"/>
    /// <summary>Continues texts, together, and gives each piece of them as soon as it is made.</summary>
    public IAsyncEnumerable<GeneratedTextPart> StreamAsync(
        IReadOnlyList<string> prompts, GenerationOptions? options = null, TextOptions? text = null, CancellationToken cancellationToken = default)
    {
        return StreamAsync(Prepare(prompts, options, text), cancellationToken);
    }

    /// <summary>Disposes the model where <see cref="FromPretrained"/> loaded it.</summary>
    public void Dispose()
    {
        if (_ownsModel)
        {
            Model.Dispose();
        }
    }

    // Each enumeration is a continuation of its own.
    private async IAsyncEnumerable<GeneratedTextPart> StreamAsync(Work prepared, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var work = prepared.Again();
        var parts = Tokens.StreamAsync(
            work.Ids,
            work.Settings,
            work.Stops,
            (_, tokens) => tokens.Select(token => new GeneratedTextPart(
                token.Prompt, token.Sample, work.Take(token), token.Id, token.FinishReason)),
            cancellationToken);
        await foreach (var part in parts.ConfigureAwait(false))
        {
            yield return part;
        }
    }

    private Work Prepare(IReadOnlyList<string> prompts, GenerationOptions? options, TextOptions? text)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        text ??= DefaultText;
        text.Validate();
        IReadOnlyList<IReadOnlyList<int>> ids =
        [
            .. prompts.Select((prompt, number) => Tokenizer.Encode(
                prompt ?? throw new ArgumentException($"Prompt {number} is null. Give a text.", nameof(prompts)), text.Encoding)),
        ];

        // A special token that is left out of the text cannot be found in it.
        var hidden = text.StopStrings.Select(Tokenizer.GetId).OfType<int>().Where(id => text.SkipSpecialTokens && Tokenizer.IsSpecial(id));
        var settings = Tokens.Check(ids, options, hidden);
        return new Work(ids, settings, Tokenizer, text);
    }

    /// <summary>What belongs to one call.</summary>
    private sealed class Work(IReadOnlyList<IReadOnlyList<int>> ids, SamplingSettings settings, Tokenizer tokenizer, TextOptions text)
    {
        private readonly Dictionary<(int Prompt, int Sample), TextCollector> _collectors =
            (from prompt in Enumerable.Range(0, ids.Count) from sample in Enumerable.Range(0, settings.NumSamples) select (prompt, sample))
            .ToDictionary(place => place, _ => new TextCollector(tokenizer, text));

        public IReadOnlyList<IReadOnlyList<int>> Ids => ids;

        public SamplingSettings Settings => settings;

        /// <summary>The same from the beginning.</summary>
        public Work Again() => new(ids, settings, tokenizer, text);

        /// <summary>All the text of one continuation.</summary>
        public string TextOf(GeneratedSequence sequence) => _collectors[(sequence.Prompt, sequence.Sample)].Text;

        /// <summary>Takes a token to its text, and says whether a stop string is complete with it.</summary>
        public bool Stops(GenerationSequence sequence, int id) =>
            !settings.StopTokens.Contains(id) && _collectors[(sequence.Prompt, sequence.Sample)].Add(id);

        /// <summary>The text that is certain since a token.</summary>
        public string Take(GeneratedToken token)
        {
            var collector = _collectors[(token.Prompt, token.Sample)];
            if (token.FinishReason is not null)
            {
                collector.End();
            }

            return collector.Take();
        }
    }
}
