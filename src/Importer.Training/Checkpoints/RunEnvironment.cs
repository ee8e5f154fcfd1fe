using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Importer.Runtime;

namespace Importer.Training.Checkpoints;

/// <summary>What a run's last bits depend on beside its settings and its data: versions, threads, device.</summary>
internal sealed record RunEnvironment
{
    // They decide how sums are split.
    private static readonly string[] ThreadVariables = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

    /// <summary>This program's version.</summary>
    public required string Version { get; init; }

    /// <summary>The commit it was built of, with <c>.dirty</c> where that was changed; null where the build did not know.</summary>
    public string? Commit { get; init; }

    public required string DotNet { get; init; }

    /// <summary>The version of libtorch.</summary>
    public required string Torch { get; init; }

    /// <summary>Which libtorch: the system's or the packages'.</summary>
    public required string TorchRuntime { get; init; }

    /// <summary>The version of TorchSharp's assembly; null in checkpoints that do not say.</summary>
    public string? TorchSharp { get; init; }

    public required string Os { get; init; }

    public required string Blas { get; init; }

    /// <summary>The vector instructions of torch's kernels.</summary>
    public required string CpuCapability { get; init; }

    /// <summary>Threads of an operator.</summary>
    public required int Threads { get; init; }

    /// <summary>Variables of the environment that set threads.</summary>
    public string ThreadSettings { get; init; } = "";

    public required string Device { get; init; }

    /// <summary>The GPUs' names; null on the CPU, where nobody says, and in checkpoints that do not.</summary>
    public string? DeviceNames { get; init; }

    /// <summary>Devices that torch sees.</summary>
    public required int DeviceCount { get; init; }

    /// <summary>The dtype of the computation.</summary>
    public required string Dtype { get; init; }

    /// <summary>Processes that train together: their sums round in another order than one's.</summary>
    public int WorldSize { get; init; } = 1;

    /// <summary>This process, on the thread that trains: torch's thread count is a thread's own.</summary>
    public static RunEnvironment Current(string device, string dtype, int worldSize = 1)
    {
        var torch = TorchEnvironment.Current();
        string[] version = (typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+');
        return new RunEnvironment
        {
            Version = version[0],
            Commit = version.ElementAtOrDefault(1),
            DotNet = Environment.Version.ToString(),
            Torch = torch.Version,
            TorchRuntime = torch.Runtime,
            TorchSharp = typeof(global::TorchSharp.torch).Assembly.GetName().Version?.ToString(),
            Os = RuntimeInformation.RuntimeIdentifier,
            Blas = torch.Blas.ToString(),
            CpuCapability = torch.CpuCapability,
            Threads = torch.Threads,
            ThreadSettings = string.Join(' ', ThreadVariables.Select(name => (name, Environment.GetEnvironmentVariable(name)))
                .Where(item => !string.IsNullOrEmpty(item.Item2)).Select(item => $"{item.name}={item.Item2}")),
            Device = device,
            DeviceNames = device.StartsWith("cuda", StringComparison.Ordinal) ? GpuNames.OfThisMachine() : null,
            DeviceCount = torch.Devices.Count,
            Dtype = dtype,
            WorldSize = worldSize,
        };
    }

    /// <summary>What is another one than recorded, each in a few words.</summary>
    public IReadOnlyList<string> Differences(RunEnvironment recorded)
    {
        var found = new List<string>();
        Compare("version", recorded.Version, Version);
        Compare("commit", recorded.Commit, Commit);
        Compare(".NET", recorded.DotNet, DotNet);
        Compare("libtorch", recorded.Torch, Torch);
        Compare("torch runtime", recorded.TorchRuntime, TorchRuntime);
        Compare("TorchSharp", recorded.TorchSharp ?? TorchSharp, TorchSharp);
        Compare("system", recorded.Os, Os);
        Compare("BLAS", recorded.Blas, Blas);
        Compare("CPU capability", recorded.CpuCapability, CpuCapability);
        Compare("threads", recorded.Threads, Threads);
        Compare("thread settings", recorded.ThreadSettings, ThreadSettings);
        Compare("device", recorded.Device, Device);
        Compare("device names", recorded.DeviceNames ?? DeviceNames, DeviceNames ?? recorded.DeviceNames);
        Compare("devices", recorded.DeviceCount, DeviceCount);
        Compare("dtype", recorded.Dtype, Dtype);
        Compare("world size", recorded.WorldSize, WorldSize);
        return found;

        void Compare<T>(string what, T was, T now)
        {
            if (!EqualityComparer<T>.Default.Equals(was, now))
            {
                found.Add($"{what}: was {Shown(was)}, is {Shown(now)}");
            }
        }

        static string Shown<T>(T value) => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? DisplayText.Escape(text) : "none";
    }
}
