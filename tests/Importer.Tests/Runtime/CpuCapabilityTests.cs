using Importer.Runtime;

namespace Importer.Tests.Runtime;

public sealed class CpuCapabilityTests
{
    [Theory]
    [InlineData(null, "flags\t\t: fpu sse4_2 fma avx avx2 avx512f avx512dq avx512bw avx512vl", "AVX512")]
    [InlineData(null, "flags\t\t: fpu sse4_2 fma avx avx2 avx512f", "AVX2")]
    [InlineData(null, "flags\t\t: fpu sse4_2 avx avx2", "DEFAULT")]
    [InlineData(null, "Features\t: fp asimd", "DEFAULT")]
    [InlineData(null, "", "DEFAULT")]
    [InlineData("avx2", "flags\t\t: fma avx2 avx512f avx512dq avx512bw avx512vl", "AVX2")]
    public void Follows_torch_s_rule(string? setting, string flags, string expected) =>
        Assert.Equal(expected, CpuCapability.Choose(setting, "processor\t: 0\n" + flags + "\nbogomips\t: 1\n"));
}
