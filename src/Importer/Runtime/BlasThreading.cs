namespace Importer.Runtime;

/// <summary>Whose threads a BLAS computes with.</summary>
public enum BlasThreading
{
    /// <summary>It does not say.</summary>
    Unknown,

    /// <summary>One thread only.</summary>
    Serial,

    /// <summary>Threads of its own, which compete with torch's for the cores.</summary>
    Pthreads,

    /// <summary>OpenMP's threads, which torch uses as well.</summary>
    OpenMP,
}
