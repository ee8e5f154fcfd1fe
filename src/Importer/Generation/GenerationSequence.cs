using System.Runtime.InteropServices;

namespace Importer.Generation;

/// <summary>One continuation while it is made.</summary>
internal sealed class GenerationSequence
{
    private readonly List<int> _ids;
    private readonly HashSet<int>? _seen;

    /// <param name="prompt">The number of its prompt.</param>
    /// <param name="sample">Which of the prompt's continuations it is.</param>
    /// <param name="promptIds">The prompt.</param>
    /// <param name="rememberSeen">Whether somebody will ask for <see cref="Seen"/>.</param>
    public GenerationSequence(int prompt, int sample, IReadOnlyList<int> promptIds, bool rememberSeen)
    {
        Prompt = prompt;
        Sample = sample;
        PromptLength = promptIds.Count;
        _ids = [.. promptIds];
        _seen = rememberSeen ? [.. promptIds] : null;
    }

    public int Prompt { get; }

    public int Sample { get; }

    public int PromptLength { get; }

    /// <summary>Why it ended; null while it goes on.</summary>
    public FinishReason? Finish { get; set; }

    /// <summary>Prompt and new tokens.</summary>
    public ReadOnlySpan<int> Ids => CollectionsMarshal.AsSpan(_ids);

    public int Length => _ids.Count;

    public int NewTokens => _ids.Count - PromptLength;

    /// <summary>Where the part begins that the model sees; what is before it slid out of the context.</summary>
    public int WindowStart { get; private set; }

    public int WindowLength => _ids.Count - WindowStart;

    public ReadOnlySpan<int> Window => Ids[WindowStart..];

    /// <summary>The distinct tokens so far.</summary>
    public IEnumerable<int> Seen => _seen ?? [];

    public void Add(int id)
    {
        _ids.Add(id);
        _seen?.Add(id);
    }

    /// <summary>Forgets all but the last tokens.</summary>
    public void Slide(int keep) => WindowStart = Length - keep;

    public GeneratedSequence ToResult() => new(Prompt, Sample, _ids[PromptLength..], Finish!.Value);
}
