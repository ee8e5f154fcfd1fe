namespace Importer.Loading;

/// <summary>What a load is doing.</summary>
public enum LoadPhase
{
    /// <summary>Fetching files from the hub.</summary>
    Downloading,

    /// <summary>Comparing stored copies of tied tensors.</summary>
    Verifying,

    /// <summary>Reading weights into the model's parameters.</summary>
    Reading,
}
