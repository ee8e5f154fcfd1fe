namespace PretrainedTokenizers;

/// <summary>A token beside the learned ones, recognised in the text as a whole before anything else happens to it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
public sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it means something other than its text, and is left out when decoding skips special tokens.</summary>
    public bool Special { get; init; }

    /// <summary>Whether white space before it belongs to it.</summary>
    public bool LStrip { get; init; }

    /// <summary>Whether white space after it belongs to it.</summary>
    public bool RStrip { get; init; }

    /// <summary>Whether it is recognised only where no word character is beside it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it is looked for in the normalized text rather than in the text as given.</summary>
    public bool Normalized { get; init; }
}
