namespace Importer.Generation;

/// <summary>What a <see cref="LogitsHook"/> is told of the sequence whose next token is chosen.</summary>
public readonly ref struct LogitsContext
{
    internal LogitsContext(int prompt, int sample, ReadOnlySpan<int> ids, int promptLength)
    {
        Prompt = prompt;
        Sample = sample;
        Ids = ids;
        PromptLength = promptLength;
    }

    /// <summary>The number of the prompt, from 0.</summary>
    public int Prompt { get; }

    /// <summary>Which of the prompt's continuations, from 0.</summary>
    public int Sample { get; }

    /// <summary>Prompt and new tokens so far.</summary>
    public ReadOnlySpan<int> Ids { get; }

    /// <summary>How many of <see cref="Ids"/> are the prompt.</summary>
    public int PromptLength { get; }
}
