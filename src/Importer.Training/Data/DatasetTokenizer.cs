namespace Importer.Training.Data;

/// <summary>Which tokenizer made the tokens.</summary>
/// <param name="Kind"><c>bpe</c> or <c>char</c>.</param>
/// <param name="Sha256">What tells it from others: see <see cref="TokenizerFingerprint"/>.</param>
/// <param name="Eos">The id that ends each document; null where documents are separated otherwise.</param>
public sealed record DatasetTokenizer(string Kind, string Sha256, int? Eos);
