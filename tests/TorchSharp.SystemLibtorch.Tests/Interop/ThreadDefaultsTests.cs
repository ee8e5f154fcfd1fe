using TorchSharp.Interop;

namespace TorchSharp.SystemLibtorch.Tests.Interop;

public sealed class ThreadDefaultsTests
{
    private static readonly Dictionary<string, string> TwoCoresOfTwoThreads = new()
    {
        ["/proc/self/status"] = "Name:\tdotnet\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\n",
        ["/sys/devices/system/cpu/cpu0/topology/thread_siblings_list"] = "0,2\n",
        ["/sys/devices/system/cpu/cpu1/topology/thread_siblings_list"] = "1,3\n",
        ["/sys/devices/system/cpu/cpu2/topology/thread_siblings_list"] = "0,2\n",
        ["/sys/devices/system/cpu/cpu3/topology/thread_siblings_list"] = "1,3\n",
    };

    [Fact]
    public void One_thread_for_each_physical_core() =>
        Assert.Equal(2, ThreadDefaults.Choose(_ => null, TwoCoresOfTwoThreads.GetValueOrDefault, 4));

    [Fact]
    public void The_quota_of_a_container_limits_it() =>
        Assert.Equal(1, ThreadDefaults.Choose(_ => null, TwoCoresOfTwoThreads.GetValueOrDefault, 1));

    [Fact]
    public void Affinity_limits_it()
    {
        var files = new Dictionary<string, string>(TwoCoresOfTwoThreads) { ["/proc/self/status"] = "Cpus_allowed_list:\t0,2\n" };
        Assert.Equal(1, ThreadDefaults.Choose(_ => null, files.GetValueOrDefault, 2));
    }

    [Fact]
    public void What_the_user_set_stands() =>
        Assert.Null(ThreadDefaults.Choose(name => name == "OMP_NUM_THREADS" ? "3" : null, TwoCoresOfTwoThreads.GetValueOrDefault, 4));

    [Fact]
    public void Without_the_kernel_s_files_every_processor_counts() => Assert.Equal(6, ThreadDefaults.Choose(_ => null, _ => null, 6));

    [Theory]
    [InlineData("0-3,8", new[] { 0, 1, 2, 3, 8 })]
    [InlineData(" 5 \n", new[] { 5 })]
    [InlineData("", new int[0])]
    [InlineData("a-b", new int[0])]
    [InlineData("0-99999999", new int[0])]
    public void Reads_the_kernel_s_cpu_lists(string text, int[] expected) => Assert.Equal(expected, ThreadDefaults.ParseList(text));

    [Fact]
    public void The_number_that_was_set_outlives_the_first_call_of_another_function()
    {
        int before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(before + 1);
            // What .NET asks for each function that is called for the first time.
            var resolve = typeof(NativeLoader).GetMethod("Resolve", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!;
            Assert.NotEqual((nint)0, resolve.Invoke(null, [NativeMethods.Library, typeof(torch).Assembly, null]));
            Assert.Equal(before + 1, torch.get_num_threads());
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Fact]
    public void The_number_of_threads_can_be_set()
    {
        int before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            Assert.Equal(1, torch.get_num_threads());
            Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => torch.set_num_threads(-1));
        }
        finally
        {
            torch.set_num_threads(before);
        }
        Assert.InRange(torch.get_num_interop_threads(), 1, 4096);
    }
}
