namespace Importer.Runtime;

/// <summary>The vector instructions that torch's own kernels use.</summary>
internal static class CpuCapability
{
    /// <summary>What torch chooses on this machine: what ATEN_CPU_CAPABILITY says, or the best that the CPU has.</summary>
    public static string OfThisMachine()
    {
        string? info = null;
        try
        {
            info = File.ReadAllText("/proc/cpuinfo");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
        return Choose(Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY"), info ?? "");
    }

    /// <summary>The rule of at::native::get_cpu_capability: AVX-512 needs F, VL, BW, DQ and FMA; AVX2 needs FMA.</summary>
    /// <param name="setting">The value of ATEN_CPU_CAPABILITY.</param>
    /// <param name="cpuInfo">The text of /proc/cpuinfo.</param>
    public static string Choose(string? setting, string cpuInfo)
    {
        if (!string.IsNullOrEmpty(setting))
            return setting.ToUpperInvariant();
        var line = cpuInfo.Split('\n').FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal)) ?? "";
        var flags = line.Split([' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        if (flags.IsSupersetOf(["avx512f", "avx512vl", "avx512bw", "avx512dq", "fma"]))
            return "AVX512";
        return flags.IsSupersetOf(["avx2", "fma"]) ? "AVX2" : "DEFAULT";
    }
}
