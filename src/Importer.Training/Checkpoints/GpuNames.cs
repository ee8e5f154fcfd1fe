namespace Importer.Training.Checkpoints;

/// <summary>Which GPUs a machine has: torch numbers them, and TorchSharp does not ask for their names.</summary>
internal static class GpuNames
{
    // Of NVIDIA's driver on Linux: a directory a device, and in its text "Model: NVIDIA H200".
    private const string Folder = "/proc/driver/nvidia/gpus";
    private const string Field = "Model:";

    /// <summary>The names in order, joined; null where the driver says nothing.</summary>
    public static string? OfThisMachine(string folder = Folder)
    {
        try
        {
            string[] names =
            [
                .. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
                    .SelectMany(device => File.ReadLines(Path.Combine(device, "information")).Where(line => line.StartsWith(Field, StringComparison.Ordinal)))
                    .Select(line => line[Field.Length..].Trim()),
            ];
            return names.Length > 0 ? string.Join(", ", names) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
