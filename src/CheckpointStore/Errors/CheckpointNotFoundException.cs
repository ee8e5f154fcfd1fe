namespace CheckpointStorage;

/// <summary>A reference names no checkpoint, or more than one, or a checkpoint has no such file.</summary>
public sealed class CheckpointNotFoundException : CheckpointException
{
    private CheckpointNotFoundException(string problem, string remedy, string reference, IReadOnlyList<string> available)
        : base(problem, remedy)
    {
        Reference = reference;
        Available = available;
    }

    /// <summary>What was asked for.</summary>
    public string Reference { get; }

    /// <summary>What there is instead, newest first; those that a prefix leaves open where it is not unique.</summary>
    public IReadOnlyList<string> Available { get; }

    internal static CheckpointNotFoundException Checkpoint(string directory, string reference, string why, IEnumerable<CheckpointInfo> available)
    {
        CheckpointInfo[] there = [.. available];
        return new CheckpointNotFoundException(
            $"{IO.DisplayText.Escape(directory)}: no checkpoint \"{IO.DisplayText.Escape(reference)}\" ({why})",
            there.Length == 0
                ? "The directory holds no checkpoint; check its path."
                : $"Name latest, best, an id or its beginning, step:N, epoch:E or a path; there is:{Lines(there.Select(Describe))}",
            reference,
            [.. there.Select(info => info.Id)]);
    }

    internal static CheckpointNotFoundException File(CheckpointInfo info, string file) => new(
        $"{IO.DisplayText.Escape(info.Id)}: it has no file \"{IO.DisplayText.Escape(file)}\"",
        $"It has {string.Join(", ", info.Files.Select(f => f.Name))}.",
        file,
        [.. info.Files.Select(f => f.Name)]);

    private static string Describe(CheckpointInfo info) =>
        info.Id + (info.Epoch is { } epoch ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" (epoch {epoch})") : "");
}
