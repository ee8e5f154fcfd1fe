using Importer.IO;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Export;

/// <summary>The directory that an export makes, and what stands there before.</summary>
internal sealed class ExportPlace
{
    private const int NamesShown = 3;
    private const string LeaveIt = "It was left as it is. Use --out to export elsewhere, or move away what is there yourself.";

    private ExportPlace(string path, string target)
    {
        Path = path;
        Target = target;
    }

    /// <summary>The place as it was named, in full.</summary>
    public string Path { get; }

    /// <summary>The directory itself, links followed.</summary>
    public string Target { get; }

    /// <summary>Takes a name for the place; a link stays, and the directory that it points to is meant.</summary>
    /// <exception cref="ArgumentException">It cannot be a directory's name.</exception>
    /// <exception cref="ExportPlaceTakenException">It is a link to nothing.</exception>
    public static ExportPlace Of(string outputDirectory)
    {
        string path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(outputDirectory));
        if (System.IO.Path.GetDirectoryName(path) is null)
        {
            throw new ArgumentException($"{DisplayText.Escape(path)} is no place for a directory; give one beneath it.", nameof(outputDirectory));
        }

        if (System.IO.Path.GetExtension(path) is ".pt" or ".pth" or ".bin" or ".safetensors" or ".json" && FileFacts.Of(path).Kind != FileKind.Directory)
        {
            throw new ArgumentException($"{DisplayText.Escape(path)} looks like a file; give the directory, in which the files get their own names.", nameof(outputDirectory));
        }

        if (new DirectoryInfo(path).LinkTarget is null || Directory.ResolveLinkTarget(path, returnFinalTarget: true) is not { } end)
        {
            return new ExportPlace(path, path);
        }

        return FileFacts.Of(end.FullName).Kind != FileKind.Missing
            ? new ExportPlace(path, end.FullName)
            : throw new ExportPlaceTakenException(path, $"it is a symbolic link to {end.FullName}, where there is nothing", "Remove the link, or make the directory it points to.");
    }

    /// <summary>Makes sure that nothing of somebody else's is lost.</summary>
    /// <param name="source">The directory that is read; null for a model in memory.</param>
    /// <param name="force">Whether an earlier export may be replaced.</param>
    /// <returns>What the export will have done.</returns>
    /// <exception cref="ExportPlaceTakenException">The place is taken.</exception>
    public ExportOutcome Require(string? source, bool force)
    {
        FileFacts facts = FileFacts.Of(Target);
        if (facts.Kind == FileKind.Missing)
        {
            return ExportOutcome.Exported;
        }

        if (facts.Kind != FileKind.Directory)
        {
            throw new ExportPlaceTakenException(Path, "it is a file", LeaveIt);
        }

        if (source is not null && IsSame(source, facts))
        {
            throw new ExportPlaceTakenException(Path, "it is the source itself", "Use --out to export elsewhere.");
        }

        RequireReplaceable(facts);
        string[] entries = [.. Directory.EnumerateFileSystemEntries(Target).Select(entry => System.IO.Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
        string[] others = [.. entries.Where(name => !ExportedNames.Contains(name) || FileFacts.TryOf(System.IO.Path.Combine(Target, name)).Kind is not (FileKind.File or FileKind.Missing))];
        if (others.Length > 0)
        {
            throw new ExportPlaceTakenException(Path, $"it holds {Some(others)}, which no export made", LeaveIt);
        }

        if (entries.Length == 0)
        {
            return ExportOutcome.Exported;
        }

        if (!entries.Any(IsMarked))
        {
            throw new ExportPlaceTakenException(Path, "it holds a model that no export made", LeaveIt);
        }

        return force
            ? ExportOutcome.Replaced
            : throw new ExportPlaceTakenException(Path, "it holds an earlier export", "It was left as it is. Use --force (Force in code) to replace it, or --out to export elsewhere.");
    }

    // Even an empty directory is made anew: that is how it appears whole.
    private void RequireReplaceable(FileFacts facts)
    {
        if (IsSame(".", facts))
        {
            throw new ExportPlaceTakenException(
                Path, "it is the current directory, which would be replaced under whoever is in it", "Give a directory to make, such as --out ./export, or run this from elsewhere.");
        }

        FileFacts parent = FileFacts.TryOf(System.IO.Path.GetDirectoryName(Target)!);
        if (facts.Inode != 0 && parent.Inode != 0 && facts.Device != parent.Device)
        {
            throw new ExportPlaceTakenException(Path, "a file system is mounted there, which cannot be replaced", "Give a directory in it, such as --out " + System.IO.Path.Combine(Path, "export") + ".");
        }
    }

    private bool IsSame(string source, FileFacts facts)
    {
        FileFacts other = FileFacts.TryOf(source);
        return facts.Inode != 0
            ? (facts.Device, facts.Inode) == (other.Device, other.Inode)
            : string.Equals(source, Target, OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    // Weights say themselves who wrote them; what cannot be read does not.
    private bool IsMarked(string name)
    {
        string path = System.IO.Path.Combine(Target, name);
        try
        {
            return name == ExportedNames.Checkpoint
                ? CheckpointHeader.Identify(path).TryFind($"config/{ExportedNames.CheckpointMark}", out _)
                : name.EndsWith(".safetensors", StringComparison.Ordinal) && SafeTensorHeader.Identify(path).Metadata.ContainsKey(ExportedNames.Mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Some(string[] names) => names.Length <= NamesShown
        ? string.Join(", ", names)
        : FormattableString.Invariant($"{string.Join(", ", names.Take(NamesShown))} and {names.Length - NamesShown} more");
}
