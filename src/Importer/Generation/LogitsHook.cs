namespace Importer.Generation;

/// <summary>
/// Sees and changes the logits of one sequence's next token: a bias, a ban (<see cref="float.NegativeInfinity"/>), a grammar. It is
/// called after the repetition penalty and before temperature and filters, where transformers has its custom processors.
/// </summary>
/// <param name="context">The sequence so far.</param>
/// <param name="logits">One number per token of the vocabulary, in single precision; what is written here is used.</param>
public delegate void LogitsHook(in LogitsContext context, Span<float> logits);
