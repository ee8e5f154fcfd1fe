using System.Globalization;

namespace TorchSharp.Interop;

/// <summary>
/// How many threads an operator gets where nobody says: one for each physical core that the process may use, since two
/// hyperthreads share the arithmetic units that matrix products keep busy, and no more than its CPU quota allows.
/// </summary>
internal static class ThreadDefaults
{
    private static readonly string[] Overrides = ["OMP_NUM_THREADS", "MKL_NUM_THREADS"];

    /// <summary>The number of threads to set; null to leave the choice to the environment variables that are set.</summary>
    public static int? Choose() => Choose(Environment.GetEnvironmentVariable, ReadText, Environment.ProcessorCount);

    /// <param name="environment">The environment variables.</param>
    /// <param name="read">The text of a file; null where there is none.</param>
    /// <param name="processors">How many logical CPUs affinity and quota leave to the process.</param>
    public static int? Choose(Func<string, string?> environment, Func<string, string?> read, int processors)
    {
        if (Overrides.Any(name => !string.IsNullOrEmpty(environment(name))))
            return null;
        var allowed = ParseList(Field(read("/proc/self/status"), "Cpus_allowed_list:"));
        var cores = new HashSet<int>();
        foreach (int cpu in allowed)
        {
            var siblings = ParseList(read($"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"));
            cores.Add(siblings.DefaultIfEmpty(cpu).Min());
        }
        return Math.Max(1, cores.Count == 0 ? processors : Math.Min(cores.Count, processors));
    }

    /// <summary>The numbers of a kernel CPU list such as "0-3,8".</summary>
    internal static IReadOnlyList<int> ParseList(string? text)
    {
        var numbers = new List<int>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var bounds = part.Split('-');
            if (!int.TryParse(bounds[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first) ||
                !int.TryParse(bounds[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last) || last - first > 1 << 16)
            {
                return [];
            }
            for (int i = first; i <= last; i++)
                numbers.Add(i);
        }
        return numbers;
    }

    private static string? Field(string? text, string name) =>
        text?.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
