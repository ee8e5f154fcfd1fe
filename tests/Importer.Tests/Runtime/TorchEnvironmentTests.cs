using Importer.Runtime;

namespace Importer.Tests.Runtime;

public sealed class TorchEnvironmentTests
{
    private static readonly BlasLibrary Pthreads = new("OpenBLAS", "0.3.21", BlasThreading.Pthreads, "/usr/lib/openblas-pthread/libopenblas.so.0");

    [Fact]
    public void Describes_this_process()
    {
        var environment = TorchEnvironment.Current();
        Assert.Matches(@"^\d+\.\d+", environment.Version);
        Assert.Equal(TorchSharp.torch.get_num_threads(), environment.Threads);
        Assert.Equal("cpu", environment.Devices[0]);
        Assert.Contains(environment.Runtime, new[] { "system", "nuget" });
        Assert.Contains(environment.CpuCapability, new[] { "DEFAULT", "AVX2", "AVX512" });
        Assert.Contains(environment.Blas.ToString(), environment.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_pools_of_threads_are_warned_about_with_the_command_that_helps()
    {
        var warning = Assert.Single(TorchEnvironment.WarningsFor(Pthreads, ["/usr/lib/libgomp.so.1"], 8));
        Assert.Contains("libopenblas0-openmp", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/lib/libgomp.so.1", 1)]
    [InlineData("/usr/lib/libm.so.6", 8)]
    public void One_thread_or_one_pool_is_no_reason_to_warn(string library, int threads) =>
        Assert.Empty(TorchEnvironment.WarningsFor(Pthreads, [library], threads));

    [Fact]
    public void A_BLAS_that_torch_brought_along_is_not_to_be_replaced_by_a_package()
    {
        var warning = Assert.Single(TorchEnvironment.WarningsFor(Pthreads with { Path = "/opt/torch/libopenblas.so" }, ["/opt/torch/libgomp.so.1"], 8));
        Assert.DoesNotContain("apt-get", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_serial_BLAS_is_warned_about_where_there_are_cores_to_use()
    {
        var serial = Pthreads with { Threading = BlasThreading.Serial };
        Assert.Single(TorchEnvironment.WarningsFor(serial, [], 2));
        Assert.Empty(TorchEnvironment.WarningsFor(serial, [], 1));
        Assert.Single(TorchEnvironment.WarningsFor(new BlasLibrary("reference BLAS", null, BlasThreading.Serial, "/usr/lib/blas/libblas.so.3"), [], 1));
    }
}
