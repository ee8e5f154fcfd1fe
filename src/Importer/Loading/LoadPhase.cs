namespace Importer.Loading;

/// <summary>What a load is doing.</summary>
public enum LoadPhase
{
    /// <summary>Comparing stored copies of tied tensors.</summary>
    Verifying,

    /// <summary>Reading weights into the model's parameters.</summary>
    Reading,
}
