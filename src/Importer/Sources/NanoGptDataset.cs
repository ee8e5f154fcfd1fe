using Importer.IO;
using PyTorchCheckpoints;

namespace Importer.Sources;

/// <summary>Where nanoGPT's sample.py finds the characters of a run: with the data that its train.py was given, not with the checkpoint.</summary>
internal static class NanoGptDataset
{
    private const string CheckpointName = "ckpt.pt", MetaName = "meta.pkl";

    /// <summary>The directory of a run's data, which sample.py looks for in the working directory and which stands beside the run's.</summary>
    /// <param name="model">A run's directory, or a checkpoint.</param>
    /// <returns>The directory; null where the checkpoint names none, or it has no vocabulary of its own.</returns>
    public static string? Locate(string model)
    {
        string file = Directory.Exists(model) ? Path.Combine(model, CheckpointName) : model;
        if (!PyTorchSource.TakesName(file) || !RegularFile.Exists(file))
        {
            return null;
        }

        using var checkpoint = PyTorchCheckpoint.Open(file);

        // A name that leads elsewhere is not one that nanoGPT's own data have.
        if (!checkpoint.Header.TryFind("config/dataset", out var value) || value is not TextValue { Value: var name }
            || name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0'))
        {
            return null;
        }

        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "..");
        return new[] { ".", beside }.Select(root => Path.GetFullPath(Path.Combine(root, "data", name)))
            .FirstOrDefault(directory => RegularFile.Exists(Path.Combine(directory, MetaName)));
    }
}
