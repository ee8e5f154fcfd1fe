namespace PretrainedTokenizers;

/// <summary>What becomes of an added token's text, as of <c>&lt;|endoftext|&gt;</c>, where a text to be encoded contains it.</summary>
public enum AddedTokenHandling
{
    /// <summary>Every added token becomes its id.</summary>
    Recognise,

    /// <summary>
    /// Special tokens are text like any other; added tokens that are not special become their ids. transformers'
    /// <c>split_special_tokens</c>.
    /// </summary>
    SpecialAsText,

    /// <summary>All added tokens are text like any other: what a text of unknown origin says cannot end or steer anything.</summary>
    AsText,
}
