using static TorchSharp.torch;

namespace Importer.Runtime;

/// <summary>
/// The torch that this process computes with: what results and speeds depend on beside the model and its input.
/// </summary>
public sealed record TorchEnvironment
{
    /// <summary>"system" for the libtorch on the machine, "nuget" for the one of TorchSharp's packages.</summary>
    public required string Runtime { get; init; }

    /// <summary>The version of libtorch, for example "1.13.1".</summary>
    public required string Version { get; init; }

    /// <summary>How many threads one operator may use.</summary>
    public required int Threads { get; init; }

    /// <summary>How many operators may run beside one another.</summary>
    public required int InteropThreads { get; init; }

    /// <summary>The library of the matrix products on the CPU.</summary>
    public required BlasLibrary Blas { get; init; }

    /// <summary>The vector instructions of torch's own kernels: DEFAULT, AVX2 or AVX512.</summary>
    public required string CpuCapability { get; init; }

    /// <summary>The devices that can be used: "cpu", then "cuda:0" and so on.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary>What makes this torch slower than it could be, each with its remedy; empty if nothing does.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Looks at this process. Loads torch if nothing has yet; the thread counts are those of this moment.</summary>
    /// <exception cref="DllNotFoundException">The native libraries of torch cannot be loaded.</exception>
    public static TorchEnvironment Current()
    {
        int threads = get_num_threads();
        int cudaDevices = cuda.is_available() ? cuda.device_count() : 0;
        var libraries = LoadedLibraries.OfThisProcess();
        var blas = BlasProbe.Identify(libraries, path => LoadedLibraries.CallForText(path, "openblas_get_config"));
        return new TorchEnvironment
        {
            Runtime = Has(libraries, "libtorchsharp_system") ? "system" : "nuget",
            Version = __version__,
            Threads = threads,
            InteropThreads = get_num_interop_threads(),
            Blas = blas,
            CpuCapability = Importer.Runtime.CpuCapability.OfThisMachine(),
            Devices = ["cpu", .. Enumerable.Range(0, cudaDevices).Select(i => $"cuda:{i}")],
            Warnings = WarningsFor(blas, libraries, threads),
        };
    }

    /// <summary>One line, as a log records it.</summary>
    public override string ToString() =>
        $"libtorch {Version} ({Runtime}), {Blas}, {Threads} threads, {CpuCapability}, {string.Join(", ", Devices)}";

    /// <summary>What is wrong with a BLAS beside the libraries that are loaded with it.</summary>
    internal static IReadOnlyList<string> WarningsFor(BlasLibrary blas, IReadOnlyList<string> libraries, int threads)
    {
        // Both builds of OpenBLAS can be installed side by side, and the pthreads build is then preferred: it has to go.
        string remedy = blas.Path?.StartsWith("/usr/", StringComparison.Ordinal) == true
            ? "Run: sudo apt-get install libopenblas0-openmp libopenblas0-pthread-"
            : "Use a libtorch whose BLAS shares torch's OpenMP threads.";
        bool openMP = Has(libraries, "libgomp") || Has(libraries, "libomp") || Has(libraries, "libiomp");
        return blas switch
        {
            { Threading: BlasThreading.Pthreads } when openMP && threads > 1 =>
            [
                $"{blas} keeps threads of its own, which compete with torch's OpenMP threads for the cores: training and generation run " +
                $"several times slower than they could. {remedy}",
            ],
            { Name: "reference BLAS" } => [$"The reference BLAS computes matrix products, slowly. {remedy}"],
            { Threading: BlasThreading.Serial } when threads > 1 => [$"{blas} computes matrix products with one thread only. {remedy}"],
            _ => [],
        };
    }

    private static bool Has(IReadOnlyList<string> libraries, string prefix) =>
        libraries.Any(path => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal));
}
