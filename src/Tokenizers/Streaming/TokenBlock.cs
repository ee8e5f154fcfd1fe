namespace PretrainedTokenizers;

/// <summary>Some of a stream's ids.</summary>
/// <param name="Ids">The ids; valid until the next block is asked for.</param>
/// <param name="Characters">How many characters (UTF-16 units) of the text are encoded so far, this block's included.</param>
public readonly record struct TokenBlock(ReadOnlyMemory<int> Ids, long Characters);
