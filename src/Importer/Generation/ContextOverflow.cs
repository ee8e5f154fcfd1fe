namespace Importer.Generation;

/// <summary>What happens where a sequence would become longer than the model's context.</summary>
public enum ContextOverflow
{
    /// <summary>
    /// The oldest quarter of the context is forgotten, and the rest computed again as a text of its own: one long pass now and then,
    /// and between them every token costs what any other does. Each token still sees at least three quarters of the context.
    /// </summary>
    Slide,

    /// <summary>
    /// As nanoGPT's <c>generate</c>: every token sees exactly the last tokens that fit. All positions shift with every token, so
    /// nothing that was computed before is of use: each token costs a pass over the whole context.
    /// </summary>
    SlideExactly,

    /// <summary>The continuation ends with <see cref="FinishReason.ContextFull"/>; a prompt that is too long is refused.</summary>
    Stop,
}
