using System.Globalization;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Interop;

public sealed class StartupPagesTests
{
    [Fact]
    public void What_only_the_loading_needed_is_given_back_and_what_is_needed_comes_again()
    {
        using var scope = NewDisposeScope();
        var left = randn(64, 64);
        var before = left.matmul(left).softmax(-1);
        Assert.True(ReadOnlyPages("libtorch_cpu") > 4 << 20);

        NativeMethods.ts_release_startup_pages();

        Assert.InRange(ReadOnlyPages("libtorch_cpu"), 0, 4 << 20);
        Assert.True(left.matmul(left).softmax(-1).allclose(before, rtol: 0, atol: 0));
    }

    /// <summary>Bytes of a library's read-only segments that are in memory and are still the file's.</summary>
    private static long ReadOnlyPages(string library)
    {
        long kilobytes = 0;
        bool counts = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Contains(" r", StringComparison.Ordinal) && line.Contains('-', StringComparison.Ordinal) && !line.Contains("kB", StringComparison.Ordinal))
            {
                counts = line.Contains(library, StringComparison.Ordinal) && line.Split(' ')[1][1] == '-';
            }
            else if (counts && line.StartsWith("Private_Clean:", StringComparison.Ordinal))
            {
                kilobytes += long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            }
            else if (counts && line.StartsWith("Shared_Clean:", StringComparison.Ordinal))
            {
                kilobytes += long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            }
        }

        return kilobytes * 1024;
    }
}
