namespace PretrainedTokenizers;

/// <summary>One step from a text to its words. The steps run one inside the other: each piece of one is cut by the next.</summary>
/// <param name="Scanner">What cuts; null where the step leaves its input whole.</param>
/// <param name="PrefixSpace">Whether a space is put before an input that does not begin with one.</param>
internal readonly record struct PreTokenizerStage(PieceScanner? Scanner, bool PrefixSpace);
