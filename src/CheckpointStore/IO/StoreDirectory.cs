using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace CheckpointStorage.IO;

/// <summary>A store's directory: what is in it, and the durable steps that change it.</summary>
internal sealed partial class StoreDirectory(string path, IStoreFileSystem files, CheckpointStoreOptions options)
{
    public string Path { get; } = path;

    public IStoreFileSystem Files { get; } = files;

    public CheckpointStoreOptions Options { get; } = options;

    public ILogger Logger => Options.Logger;

    public string Backups => System.IO.Path.Combine(Path, StoreNames.Backups);

    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>All checkpoints of a directory, the newest first; those with an unreadable manifest too.</summary>
    public List<CheckpointInfo> Scan(string? directory = null)
    {
        directory ??= Path;
        List<(CheckpointName Name, string Id)> found = [];
        foreach (StoreEntry entry in Files.Enumerate(directory))
        {
            if (entry.IsDirectory && CheckpointName.TryParse(entry.Name, out CheckpointName? name))
            {
                found.Add((name, entry.Name));
            }
        }

        return [.. found.OrderByDescending(item => item.Name, CheckpointName.Order).Select(item => Read(System.IO.Path.Combine(directory, item.Id)))];
    }

    /// <summary>The name of the newest checkpoint; null where there is none.</summary>
    public CheckpointName? NewestName() =>
        Files.Enumerate(Path).Select(entry => entry.IsDirectory && CheckpointName.TryParse(entry.Name, out CheckpointName? name) ? name : null).Max(CheckpointName.Order);

    /// <summary>What was found damaged before, the newest first.</summary>
    public List<string> ScanQuarantine() =>
    [
        .. Files.Enumerate(Path)
            .Where(entry => entry.IsDirectory && entry.Name.StartsWith(StoreNames.CorruptPrefix, StringComparison.Ordinal))
            .Select(entry => (entry.Name, Parsed: QuarantinedName(entry.Name)))
            .OrderByDescending(item => item.Parsed, CheckpointName.Order).ThenByDescending(item => item.Name, StringComparer.Ordinal)
            .Select(item => item.Name),
    ];

    /// <summary>Reads the manifest in a directory; what is wrong with it is part of the result.</summary>
    /// <param name="directory">The checkpoint's directory.</param>
    /// <param name="fromDisk">Whether from the disk rather than from the cache.</param>
    public CheckpointInfo Read(string directory, bool fromDisk = false)
    {
        string id = System.IO.Path.GetFileName(directory);
        bool named = CheckpointName.TryParse(id, out CheckpointName? name);
        bool pinned = Files.Find(System.IO.Path.Combine(directory, StoreNames.PinMark)) is not null;
        try
        {
            byte[] bytes = ReadSmall(System.IO.Path.Combine(directory, StoreNames.Manifest), Manifest.LimitBytes, fromDisk);
            if (named && !HashOf(bytes).Equals(name!.Hash, StringComparison.Ordinal))
            {
                return Bad(CheckpointProblemKind.BadManifest, "its SHA-256 does not begin as the directory's name ends");
            }

            Manifest manifest = ManifestReader.Read(bytes);
            return named && manifest.Step != name!.Step
                ? Bad(CheckpointProblemKind.BadManifest, "its step is not the one in the directory's name")
                : new CheckpointInfo(id, directory, name, manifest, null, pinned);
        }
        catch (NotSupportedException e)
        {
            return Bad(CheckpointProblemKind.LaterVersion, e.Message);
        }
        catch (FormatException e)
        {
            return Bad(CheckpointProblemKind.BadManifest, e.Message);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Bad(CheckpointProblemKind.BadManifest, "it is missing");
        }
        catch (IOException e)
        {
            return Bad(CheckpointProblemKind.Unreadable, DisplayText.Clause(e.Message));
        }

        CheckpointInfo Bad(CheckpointProblemKind kind, string why) =>
            new(id, directory, name, null, new CheckpointProblem(kind, StoreNames.Manifest, why), pinned);
    }

    /// <summary>The hash that ends a checkpoint's name.</summary>
    public static string HashOf(byte[] manifest) => Convert.ToHexStringLower(SHA256.HashData(manifest))[..CheckpointName.HashLength];

    /// <summary>A small file's bytes.</summary>
    /// <exception cref="FormatException">It is larger than allowed, or empty.</exception>
    public byte[] ReadSmall(string file, int limit, bool fromDisk = false)
    {
        StoreEntry? entry = Files.Find(file);
        if (entry is { Length: 0 } nothing)
        {
            throw new FormatException(nothing.IsDirectory ? "it is a directory" : "it is empty"); // or a pipe, which nobody should wait for
        }

        using IStoreFileReader reader = Files.OpenFile(file, fromDisk);
        if (reader.Length > limit)
        {
            throw new FormatException($"it has {reader.Length} bytes, more than {limit}");
        }

        byte[] bytes = new byte[reader.Length];
        int filled = 0;
        while (filled < bytes.Length)
        {
            int read = reader.Read(bytes.AsSpan(filled), filled);
            if (read == 0)
            {
                throw new FormatException("it was cut while it was read");
            }

            filled += read;
        }

        return bytes;
    }

    /// <summary>Writes a small file and flushes it; its name is not durable yet.</summary>
    public void WriteSmall(string file, ReadOnlySpan<byte> bytes)
    {
        using IStoreFileWriter writer = Files.CreateFile(file);
        writer.Write(bytes);
        writer.Flush();
    }

    /// <summary>Takes directories out of sight, durably, and only then removes what is in them.</summary>
    /// <param name="directories">Full paths, all in one directory.</param>
    public void Discard(params IReadOnlyList<string> directories) => Discard(directories, spare: _ => false);

    /// <summary>As the other, but what is pinned stays, also where another process pins it meanwhile.</summary>
    /// <returns>Those that are gone.</returns>
    public IReadOnlyList<string> DiscardUnpinned(IReadOnlyList<string> directories) =>
        Discard(directories, spare: directory => Files.Find(System.IO.Path.Combine(directory, StoreNames.PinMark)) is not null);

    private List<string> Discard(IReadOnlyList<string> directories, Func<string, bool> spare)
    {
        List<string> gone = [], trash = [];
        if (directories.Count == 0)
        {
            return gone;
        }

        string parent = System.IO.Path.GetDirectoryName(directories[0])!;
        foreach (string directory in directories.Where(directory => !spare(directory)))
        {
            string name = System.IO.Path.Combine(parent, StoreNames.NewTrash(System.IO.Path.GetFileName(directory)));
            Files.MoveDirectory(directory, name);
            if (spare(name))
            {
                // Whoever makes the mark comes before the renaming, and is seen here, or after it, and finds no directory.
                Files.MoveDirectory(name, directory);
                continue;
            }

            gone.Add(directory);
            trash.Add(name);
            CrashPoint.Reach(CrashPoint.MidRotation);
        }

        Files.FlushDirectory(parent);
        foreach (string name in trash)
        {
            DeleteTree(name);
        }

        return gone;
    }

    /// <summary>Removes a directory with all that is in it; links are removed, not followed.</summary>
    public void DeleteTree(string directory)
    {
        foreach (StoreEntry entry in Files.Enumerate(directory))
        {
            string child = System.IO.Path.Combine(directory, entry.Name);
            if (entry.IsDirectory)
            {
                DeleteTree(child);
            }
            else
            {
                Files.DeleteFile(child);
                CrashPoint.Reach(CrashPoint.MidDelete);
            }
        }

        Files.DeleteDirectory(directory);
    }

    /// <summary>Removes a file or a directory that was being made, as far as possible: the error that brought us here matters more.</summary>
    public void TryDelete(string target)
    {
        try
        {
            switch (Files.Find(target))
            {
                case { IsDirectory: true }:
                    DeleteTree(target);
                    break;
                case { }:
                    Files.DeleteFile(target);
                    break;
            }
        }
        catch (Exception e) when (StoreErrors.IsFileSystem(e))
        {
            Log.LeftBehind(Logger, target, e.Message);
        }
    }

    /// <summary>Removes what a crash left. The lock must be held: then no living process is at work on any of it.</summary>
    public void RemoveOrphans()
    {
        foreach (string directory in new[] { Path, Backups })
        {
            foreach (StoreEntry entry in Files.Enumerate(directory).Where(entry => StoreNames.IsOrphan(entry.Name)))
            {
                Log.OrphanRemoved(Logger, entry.Name);
                TryDelete(System.IO.Path.Combine(directory, entry.Name));
            }
        }
    }

    private static CheckpointName? QuarantinedName(string name)
    {
        string rest = name[StoreNames.CorruptPrefix.Length..];
        int end = rest.IndexOf('~', StringComparison.Ordinal);
        return CheckpointName.TryParse(end < 0 ? rest : rest[..end], out CheckpointName? parsed) ? parsed : null;
    }
}
