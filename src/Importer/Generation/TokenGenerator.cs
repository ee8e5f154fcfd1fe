using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Importer.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Importer.Generation;

/// <summary>
/// Continues token ids with a model of any family. The model's keys and values are kept in memory that is allocated once, prompts of
/// different lengths share a batch, and several samples share one computation of their prompt.
/// </summary>
/// <remarks>Safe for several threads as long as nobody trains or moves the model.</remarks>
/// <example>
/// <code>
/// using var model = PretrainedModel.FromPretrained("gpt2");
/// var generator = new TokenGenerator(model);
/// var result = generator.Generate([464, 3280, 318], new() { MaxNewTokens = 20 });
/// </code>
/// </example>
public sealed class TokenGenerator
{
    private static readonly Lazy<bool> HasHalfOnCpu = new(FindHalfOnCpu);

    /// <summary>A generator for a model.</summary>
    /// <param name="model">The model, in evaluation mode; it stays the caller's.</param>
    /// <param name="defaults">What options that are left open come from; null for nothing.</param>
    /// <exception cref="ArgumentException">The model is in F16 on a CPU for which this torch has no such computation.</exception>
    public TokenGenerator(PretrainedModel model, GenerationDefaults? defaults = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var weight = model.Decoder.Tokens.Weight;
        if (weight.dtype == ScalarType.Float16 && weight.device_type == DeviceType.CPU && !HasHalfOnCpu.Value)
        {
            throw new ArgumentException(
                $"The model is in F16, for which libtorch {__version__} has no computation on the CPU. Load it in BF16 or F32, or on a GPU.", nameof(model));
        }

        Model = model;
        Defaults = defaults ?? GenerationDefaults.None;
    }

    /// <summary>The model.</summary>
    public PretrainedModel Model { get; }

    /// <summary>What options that are left open come from.</summary>
    public GenerationDefaults Defaults { get; }

    /// <summary>Continues one prompt.</summary>
    /// <param name="prompt">Token ids, one at least.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>Its continuations, <see cref="GenerationOptions.NumSamples"/> of them.</returns>
    /// <exception cref="ArgumentException">A prompt is empty, too long for <see cref="ContextOverflow.Stop"/> or has an id that is not in the vocabulary, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
    /// <exception cref="GenerationException">The model gives logits that are not numbers, or a hook leaves no token.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IReadOnlyList<GeneratedSequence> Generate(
        IReadOnlyList<int> prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Generate([prompt], options, cancellationToken);

    /// <inheritdoc cref="Generate(IReadOnlyList{int}, GenerationOptions, CancellationToken)"/>
    /// <summary>Continues prompts of any lengths, together.</summary>
    /// <param name="prompts">Token ids, one at least in each.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>The continuations, by prompt and then by sample.</returns>
    public IReadOnlyList<GeneratedSequence> Generate(
        IReadOnlyList<IReadOnlyList<int>> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var settings = Check(prompts, options);
        using var session = new GenerationSession(Model, prompts, settings, stops: null);
        while (!session.IsDone)
        {
            session.Step(cancellationToken);
        }

        return [.. session.Sequences.Select(sequence => sequence.ToResult())];
    }

    /// <inheritdoc cref="Generate(IReadOnlyList{int}, GenerationOptions, CancellationToken)"/>
    /// <summary>Continues one prompt and gives each token as soon as it is made.</summary>
    /// <returns>The tokens. The work is done on a thread of its own and ends with the enumeration; it waits for a slow reader.</returns>
    public IAsyncEnumerable<GeneratedToken> StreamAsync(
        IReadOnlyList<int> prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync([prompt], options, cancellationToken);

    /// <inheritdoc cref="StreamAsync(IReadOnlyList{int}, GenerationOptions, CancellationToken)"/>
    /// <summary>Continues prompts of any lengths, together, and gives each token as soon as it is made.</summary>
    public IAsyncEnumerable<GeneratedToken> StreamAsync(
        IReadOnlyList<IReadOnlyList<int>> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var settings = Check(prompts, options);
        return StreamAsync(prompts, settings, stops: null, (_, tokens) => tokens, cancellationToken);
    }

    /// <summary>Checks prompts and options.</summary>
    internal SamplingSettings Check(IReadOnlyList<IReadOnlyList<int>> prompts, GenerationOptions? options, IEnumerable<int>? stopTokens = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var settings = SamplingSettings.Resolve(options ?? new GenerationOptions(), Defaults, stopTokens);
        var config = Model.Config;
        if (prompts.Count == 0)
        {
            throw new ArgumentException("There is no prompt. Give one at least.", nameof(prompts));
        }

        for (int i = 0; i < prompts.Count; i++)
        {
            if (prompts[i] is not { Count: > 0 } prompt)
            {
                throw new ArgumentException($"Prompt {i} has no token. Give one at least, such as the one that begins a text.", nameof(prompts));
            }

            if (settings.Overflow == ContextOverflow.Stop && prompt.Count > config.BlockSize)
            {
                throw new ArgumentException(
                    $"Prompt {i} has {prompt.Count} tokens, and the model's context {config.BlockSize}. Shorten it, or let the context slide.", nameof(prompts));
            }

            foreach (int id in prompt)
            {
                if (id < 0 || id >= config.VocabSize)
                {
                    throw new ArgumentException(
                        $"Prompt {i} has the token {id}, and the model's vocabulary ends at {config.VocabSize - 1}. Use the tokenizer that belongs to the model.", nameof(prompts));
                }
            }
        }

        return Model.training
            ? throw new InvalidOperationException("The model is in training mode, where dropout changes what it says. Call its eval() first.")
            : settings;
    }

    /// <summary>Runs a session on a thread of its own.</summary>
    /// <param name="prompts">Checked prompts.</param>
    /// <param name="settings">Checked options.</param>
    /// <param name="stops">As <see cref="GenerationSession"/> takes it.</param>
    /// <param name="convert">What a reader gets for the tokens of a step.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    internal async IAsyncEnumerable<T> StreamAsync<T>(
        IReadOnlyList<IReadOnlyList<int>> prompts, SamplingSettings settings, Func<GenerationSequence, int, bool>? stops,
        Func<GenerationSession, IEnumerable<GeneratedToken>, IEnumerable<T>> convert, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(256) { SingleReader = true, SingleWriter = true });

        // One thread to the end: torch keeps a pool of threads, scopes and modes for each that calls it.
        var work = Task.Factory.StartNew(
            () => Run(prompts, settings, stops, convert, channel.Writer, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return item;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Run<T>(
        IReadOnlyList<IReadOnlyList<int>> prompts, SamplingSettings settings, Func<GenerationSequence, int, bool>? stops,
        Func<GenerationSession, IEnumerable<GeneratedToken>, IEnumerable<T>> convert, ChannelWriter<T> writer, CancellationToken cancellationToken)
    {
        try
        {
            using var session = new GenerationSession(Model, prompts, settings, stops);
            while (!session.IsDone)
            {
                foreach (var item in convert(session, session.Step(cancellationToken)))
                {
                    if (!writer.TryWrite(item))
                    {
                        writer.WriteAsync(item, cancellationToken).AsTask().GetAwaiter().GetResult();
                    }
                }
            }

            writer.Complete();
        }
        catch (Exception e)
        {
            writer.Complete(e);
        }
    }

    private static bool FindHalfOnCpu()
    {
        try
        {
            using var scope = NewDisposeScope();
            var x = zeros(2, 2, dtype: float16, device: CPU);
            nn.functional.layer_norm(nn.functional.linear(x, x).softmax(-1), [2]);
            return true;
        }
        catch (ExternalException)
        {
            return false;
        }
    }
}
