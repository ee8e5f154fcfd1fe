namespace Importer.Runtime;

/// <summary>The BLAS that computes torch's matrix products.</summary>
/// <param name="Name">Its name, for example "OpenBLAS"; "built into libtorch" where no library of its own is loaded.</param>
/// <param name="Version">Its version; null where it is not known.</param>
/// <param name="Threading">Whose threads it computes with.</param>
/// <param name="Path">The file it was loaded from; null where it is built into libtorch.</param>
public sealed record BlasLibrary(string Name, string? Version, BlasThreading Threading, string? Path)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var name = Version is null ? Name : $"{Name} {Version}";
        return Threading switch
        {
            BlasThreading.Serial => $"{name} (serial)",
            BlasThreading.Pthreads => $"{name} (pthreads)",
            BlasThreading.OpenMP => $"{name} (OpenMP)",
            _ => name,
        };
    }
}
