namespace Importer.Generation;

/// <summary>Why a continuation ended.</summary>
public enum FinishReason
{
    /// <summary><see cref="GenerationOptions.MaxNewTokens"/> were made.</summary>
    Length,

    /// <summary>A stop token was made; it is the last of the ids.</summary>
    StopToken,

    /// <summary>A stop string was made; the text ends before it.</summary>
    StopString,

    /// <summary>The model's context is full, and <see cref="GenerationOptions.Overflow"/> says to stop there.</summary>
    ContextFull,
}
