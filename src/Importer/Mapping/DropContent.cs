namespace Importer.Mapping;

/// <summary>What the mapping claims that a dropped tensor contains, so that the claim can be verified and the tensor made again.</summary>
public enum DropContent
{
    /// <summary>Nothing is claimed.</summary>
    Unspecified,

    /// <summary>
    /// Along the last two dimensions ones on and below the diagonal and zeros above, as <c>torch.tril(torch.ones(T, T))</c>: a
    /// causal mask.
    /// </summary>
    LowerTriangle,
}
