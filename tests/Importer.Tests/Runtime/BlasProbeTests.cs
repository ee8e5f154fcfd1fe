using Importer.Runtime;

namespace Importer.Tests.Runtime;

public sealed class BlasProbeTests
{
    private const string Lib = "/usr/lib/x86_64-linux-gnu/";

    [Theory]
    [InlineData("OpenBLAS 0.3.21 NO_AFFINITY USE_OPENMP SkylakeX MAX_THREADS=128", BlasThreading.OpenMP, "OpenBLAS 0.3.21 (OpenMP)")]
    [InlineData("OpenBLAS 0.3.21 DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=128", BlasThreading.Pthreads, "OpenBLAS 0.3.21 (pthreads)")]
    [InlineData("OpenBLAS 0.3.29 DYNAMIC_ARCH NO_AFFINITY Zen SINGLE_THREADED", BlasThreading.Serial, "OpenBLAS 0.3.29 (serial)")]
    [InlineData(null, BlasThreading.Unknown, "OpenBLAS")]
    public void OpenBLAS_says_whose_threads_it_uses(string? config, BlasThreading threading, string text)
    {
        string[] libraries = [Lib + "libtorch_cpu.so.1.13.0", Lib + "openblas-x/libblas.so.3", Lib + "openblas-x/libopenblasp-r0.3.21.so"];
        var blas = BlasProbe.Identify(libraries, path => path.EndsWith("r0.3.21.so", StringComparison.Ordinal) ? config : null);
        Assert.Equal(threading, blas.Threading);
        Assert.Equal(text, blas.ToString());
        Assert.Equal(libraries[2], blas.Path);
    }

    [Theory]
    [InlineData("blas/libblas.so.3.11.0", "reference BLAS", BlasThreading.Serial)]
    [InlineData("blis-openmp/libblas.so.3", "BLIS", BlasThreading.Unknown)]
    [InlineData("atlas/libblas.so.3", "ATLAS", BlasThreading.Unknown)]
    public void The_directory_of_libblas_says_who_provides_it(string file, string name, BlasThreading threading)
    {
        // Something else may have loaded OpenBLAS: what libblas.so.3 is decides.
        string[] libraries = [Lib + file, Lib + "openblas-openmp/libopenblasp-r0.3.21.so"];
        var blas = BlasProbe.Identify(libraries, _ => "OpenBLAS 0.3.21 USE_OPENMP");
        Assert.Equal(name, blas.Name);
        Assert.Equal(threading, blas.Threading);
    }

    [Fact]
    public void MKL_has_its_threads_in_a_library_of_their_own()
    {
        var blas = BlasProbe.Identify(["/opt/lib/libmkl_core.so.2", "/opt/lib/libmkl_gnu_thread.so.2"], _ => null);
        Assert.Equal("MKL", blas.Name);
        Assert.Equal(BlasThreading.OpenMP, blas.Threading);
    }

    [Fact]
    public void Without_a_library_of_its_own_the_BLAS_is_built_into_libtorch()
    {
        var blas = BlasProbe.Identify(["/opt/torch/lib/libtorch_cpu.so", "/opt/torch/lib/libgomp-a34b3233.so.1"], _ => null);
        Assert.Equal("built into libtorch", blas.ToString());
        Assert.Null(blas.Path);
    }
}
