using System.Globalization;
using CheckpointStorage.IO;

namespace CheckpointStorage.Catalog;

/// <summary>What people call checkpoints.</summary>
internal static class ReferenceResolver
{
    // Epochs are sums and quotients of whole numbers.
    private const double EpochTolerance = 1e-6;

    public static CheckpointInfo Resolve(StoreDirectory directory, string reference)
    {
        List<CheckpointInfo> all = directory.Scan();
        if (reference == StoreNames.Latest)
        {
            return Usable(all.Count > 0 ? all[0] : throw NotFound("there is none"));
        }

        if (reference == StoreNames.Best)
        {
            return directory.BestOf(all) ?? throw NotFound("none has a metric");
        }

        if (After("step:") is { } step)
        {
            return Usable(
                long.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                    ? all.Find(info => info.Step == number) ?? throw NotFound("no checkpoint has that step")
                    : throw NotFound("what follows step: is no whole number"));
        }

        if (After("epoch:") is { } epoch)
        {
            return double.TryParse(epoch, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                ? all.Find(info => info.Epoch is { } e && Math.Abs(e - value) <= EpochTolerance) ?? throw NotFound("no checkpoint has that epoch")
                : throw NotFound("what follows epoch: is no number");
        }

        if (reference.Contains('/', StringComparison.Ordinal) || reference.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(reference));
            return Usable(directory.Files.Find(Path.Combine(path, StoreNames.Manifest)) is not null
                ? directory.Read(path)
                : throw NotFound($"there is no {StoreNames.Manifest} in that directory"));
        }

        CheckpointInfo[] matches = [.. all.Where(info => info.Id == reference)];
        matches = matches.Length == 1 ? matches : [.. all.Where(info => info.Id.StartsWith(reference, StringComparison.Ordinal))];
        return matches.Length switch
        {
            1 => Usable(matches[0]),
            0 => throw NotFound("no id is or begins so"),
            _ => throw CheckpointNotFoundException.Checkpoint(directory.Path, reference, $"{matches.Length} ids begin so", matches),
        };

        string? After(string prefix) => reference.StartsWith(prefix, StringComparison.Ordinal) ? reference[prefix.Length..] : null;

        CheckpointNotFoundException NotFound(string why) => CheckpointNotFoundException.Checkpoint(directory.Path, reference, why, all);
    }

    public static CheckpointInfo Usable(CheckpointInfo info) => info.Problem switch
    {
        null => info,
        { Kind: CheckpointProblemKind.LaterVersion } later => throw new CheckpointFormatException(info.Directory, later),
        { } problem => throw new CheckpointDamagedException(info.Directory, [problem]),
    };
}
