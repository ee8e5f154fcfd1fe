using System.Runtime.InteropServices;
using Importer.Models;
using static TorchSharp.torch;

namespace Importer.Generation;

/// <summary>
/// The loop: prompts once through the model, then token after token on top of the cache. Prompts of different lengths are padded
/// on the left; sequences that end leave the batch. It belongs to the thread that made it.
/// </summary>
internal sealed class GenerationSession : IDisposable
{
    private readonly PretrainedModel _model;
    private readonly SamplingSettings _settings;
    private readonly Func<GenerationSequence, int, bool>? _stops;
    private readonly TokenSampler _sampler;
    private readonly float[] _logits;
    private readonly Device _device;
    private readonly int _blockSize;

    // The sequence of each row of the cache.
    private List<GenerationSequence> _rows = [];
    private KeyValueCache? _cache;

    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="prompts">The prompts, each with a token at least.</param>
    /// <param name="settings">How to continue them.</param>
    /// <param name="stops">Told of every token, and says whether its sequence ends with it; null where nobody wants to.</param>
    public GenerationSession(
        PretrainedModel model, IReadOnlyList<IReadOnlyList<int>> prompts, SamplingSettings settings, Func<GenerationSequence, int, bool>? stops)
    {
        _model = model;
        _settings = settings;
        _stops = stops;
        _blockSize = model.Config.BlockSize;
        _device = model.Decoder.Tokens.Weight.device;
        _sampler = new TokenSampler(settings, model.Config.VocabSize);
        _logits = new float[model.Config.VocabSize];
        Sequences =
        [
            .. prompts.SelectMany((prompt, number) => Enumerable.Range(0, settings.NumSamples)
                .Select(sample => new GenerationSequence(number, sample, prompt, settings.RepetitionPenalty != 1))),
        ];
    }

    /// <summary>Every sequence, by prompt and then by sample.</summary>
    public IReadOnlyList<GenerationSequence> Sequences { get; }

    /// <summary>Whether every sequence has ended.</summary>
    public bool IsDone => Sequences.All(sequence => sequence.Finish is not null);

    /// <summary>Makes the next token of every sequence that goes on.</summary>
    public IEnumerable<GeneratedToken> Step(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        var tokens = new List<GeneratedToken>();
        if (Sequences[0].NewTokens == 0 && Sequences[0].Finish is null)
        {
            // Samples of a prompt are the same so far: one of them is computed.
            var firsts = Sequences.Where(sequence => sequence.Sample == 0).ToList();
            Slide(Sequences);
            if (_settings.UseCache)
            {
                var logits = Fill(firsts, expand: _settings.NumSamples > 1);
                Choose(Sequences, sequence => logits[sequence.Prompt], tokens);
            }
            else
            {
                Choose(Sequences, Recompute, tokens);
            }
        }
        else
        {
            var live = Sequences.Where(sequence => sequence.Finish is null).ToList();
            bool slid = Slide(live);
            if (!_settings.UseCache)
            {
                Choose(live, Recompute, tokens);
            }
            else if (slid || _cache!.Length == _cache.Capacity)
            {
                var logits = Fill(live, expand: false);
                Choose(live, sequence => logits[_rows.IndexOf(sequence)], tokens);
            }
            else
            {
                Compact(live);
                var logits = Logits(_rows.Select(row => (long)row.Ids[^1]).ToArray(), _rows.Count, _cache);
                Choose(live, sequence => logits[_rows.IndexOf(sequence)], tokens);
            }
        }

        return tokens;
    }

    public void Dispose() => _cache?.Dispose();

    /// <summary>Makes windows that are longer than the context fit into it.</summary>
    private bool Slide(IEnumerable<GenerationSequence> sequences)
    {
        bool slid = false;
        foreach (var sequence in sequences.Where(sequence => sequence.WindowLength > _blockSize))
        {
            sequence.Slide(_settings.Overflow == ContextOverflow.SlideExactly ? _blockSize : Math.Max(1, _blockSize - _blockSize / 4));
            slid = true;
        }

        return slid;
    }

    /// <summary>Computes sequences from the start of their windows on, in a new cache.</summary>
    /// <param name="sequences">The sequences.</param>
    /// <param name="expand">Whether they stand for all samples of their prompts, which then get rows of their own.</param>
    private Tensor Fill(List<GenerationSequence> sequences, bool expand)
    {
        int longest = sequences.Max(sequence => sequence.WindowLength);
        int left = sequences.Max(sequence => _settings.MaxNewTokens - sequence.NewTokens);
        int capacity = (int)Math.Min(_blockSize, (long)longest + left - 1);
        long[] ids = new long[sequences.Count * longest];
        int[] padding = new int[sequences.Count];
        for (int row = 0; row < sequences.Count; row++)
        {
            var window = sequences[row].Window;
            padding[row] = longest - window.Length;
            for (int i = 0; i < window.Length; i++)
            {
                ids[row * longest + padding[row] + i] = window[i];
            }
        }

        _cache?.Dispose();
        _cache = null;
        _cache = new KeyValueCache(_model, sequences.Count, expand ? longest : capacity, padding);
        var logits = Logits(ids, sequences.Count, _cache);
        _rows = sequences;
        if (expand)
        {
            _rows = [.. Sequences];
            _cache.Select([.. _rows.Select(row => row.Prompt)], capacity);
        }

        return logits;
    }

    /// <summary>Drops rows that have ended once they are half of all: what is left then costs half.</summary>
    private void Compact(List<GenerationSequence> live)
    {
        if (live.Count <= _rows.Count / 2)
        {
            _cache!.Select([.. live.Select(sequence => _rows.IndexOf(sequence))]);
            _rows = live;
        }
    }

    private Tensor Recompute(GenerationSequence sequence)
    {
        long[] ids = new long[sequence.WindowLength];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = sequence.Window[i];
        }

        return Logits(ids, 1, cache: null)[0];
    }

    /// <summary>The logits after the last of the tokens, F32 [rows, vocab_size] on the CPU: no other position goes through the head.</summary>
    private Tensor Logits(long[] ids, int rows, KeyValueCache? cache)
    {
        using var scope = NewDisposeScope();
        var input = tensor(ids, [rows, ids.Length / rows], device: _device);
        var hidden = _model.Hidden(input, cache);
        var last = hidden.narrow(1, hidden.shape[1] - 1, 1);
        return _model.Head(last).view(rows, -1).to(float32).cpu().contiguous().MoveToOuterDisposeScope();
    }

    private void Choose(IEnumerable<GenerationSequence> sequences, Func<GenerationSequence, Tensor> logitsOf, List<GeneratedToken> tokens)
    {
        foreach (var sequence in sequences)
        {
            using var scope = NewDisposeScope();
            MemoryMarshal.Cast<byte, float>(logitsOf(sequence).bytes).CopyTo(_logits);
            int id = _sampler.Next(_logits, sequence);
            sequence.Add(id);
            sequence.Finish = FinishOf(sequence, id);
            tokens.Add(new GeneratedToken(sequence.Prompt, sequence.Sample, id, sequence.Finish));
        }
    }

    private FinishReason? FinishOf(GenerationSequence sequence, int id)
    {
        // Asked in any case: it collects the text.
        bool stops = _stops?.Invoke(sequence, id) == true;
        return _settings.StopTokens.Contains(id) ? FinishReason.StopToken
            : stops ? FinishReason.StopString
            : sequence.NewTokens >= _settings.MaxNewTokens ? FinishReason.Length
            : _settings.Overflow == ContextOverflow.Stop && sequence.Length > _blockSize ? FinishReason.ContextFull
            : null;
    }
}
