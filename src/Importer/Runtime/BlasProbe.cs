using System.Text.RegularExpressions;

namespace Importer.Runtime;

/// <summary>Finds the BLAS among the libraries that a process has loaded.</summary>
internal static partial class BlasProbe
{
    /// <summary>The BLAS that torch uses.</summary>
    /// <param name="libraries">The files of the libraries that the process has loaded.</param>
    /// <param name="openBlasConfig">What openblas_get_config of a library says; null where it has no such function.</param>
    public static BlasLibrary Identify(IReadOnlyList<string> libraries, Func<string, string?> openBlasConfig)
    {
        // Distributions let several packages provide libblas.so.3; the directory that it comes from says which one does. It is
        // linked before any other BLAS, and so it is the one that is called.
        var openBlas = Find(libraries, "libopenblas");
        var provider = Find(libraries, "libblas.so") ?? openBlas;
        if (provider is null)
            return Mkl(libraries) ?? new BlasLibrary("built into libtorch", null, BlasThreading.Unknown, null);
        if (provider.Contains("openblas", StringComparison.Ordinal))
            return OpenBlas(openBlas ?? provider, openBlasConfig(openBlas ?? provider) ?? "");
        if (provider.Contains("/mkl", StringComparison.Ordinal))
            return Mkl(libraries) ?? new BlasLibrary("MKL", null, BlasThreading.Unknown, provider);
        foreach (var name in new[] { "blis", "atlas" })
        {
            if (provider.Contains('/' + name, StringComparison.Ordinal))
                return new BlasLibrary(name.ToUpperInvariant(), null, BlasThreading.Unknown, provider);
        }
        return new BlasLibrary("reference BLAS", null, BlasThreading.Serial, provider);
    }

    // MKL's threading layer is a library of its own.
    private static BlasLibrary? Mkl(IReadOnlyList<string> libraries)
    {
        if (Find(libraries, "libmkl_") is not { } core)
            return null;
        var threading = Find(libraries, "libmkl_gnu_thread", "libmkl_intel_thread") is not null ? BlasThreading.OpenMP
            : Find(libraries, "libmkl_sequential") is not null ? BlasThreading.Serial
            : BlasThreading.Unknown;
        return new BlasLibrary("MKL", null, threading, core);
    }

    // For example "OpenBLAS 0.3.21 NO_AFFINITY USE_OPENMP SkylakeX MAX_THREADS=128"; the pthreads build says neither
    // USE_OPENMP nor SINGLE_THREADED.
    private static BlasLibrary OpenBlas(string path, string config)
    {
        var version = VersionNumber().Match(config);
        var threading = config.Length == 0 ? BlasThreading.Unknown
            : config.Contains("USE_OPENMP", StringComparison.Ordinal) ? BlasThreading.OpenMP
            : config.Contains("SINGLE_THREADED", StringComparison.Ordinal) ? BlasThreading.Serial
            : BlasThreading.Pthreads;
        return new BlasLibrary("OpenBLAS", version.Success ? version.Value : null, threading, path);
    }

    private static string? Find(IReadOnlyList<string> libraries, params string[] prefixes) =>
        prefixes
            .Select(prefix => libraries.FirstOrDefault(path => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal)))
            .FirstOrDefault(path => path is not null);

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex VersionNumber();
}
