using System.Buffers;
using System.Security.Cryptography;
using CheckpointStorage.IO;
using CheckpointStorage.Verification;

namespace CheckpointStorage.Backups;

/// <summary>Makes a backup the way a checkpoint is made: aside, flushed, renamed, verified; only then older backups go.</summary>
internal static class BackupMaker
{
    private const int BlockSize = 1 << 20;

    public static CheckpointInfo Make(StoreDirectory directory, CheckpointInfo info, CancellationToken cancellationToken)
    {
        IStoreFileSystem files = directory.Files;
        files.CreateDirectories(directory.Backups);
        string target = Path.Combine(directory.Backups, info.Id);
        if (files.Find(target) is not null)
        {
            CheckpointInfo existing = directory.Read(target);
            if (CheckpointVerifier.Verify(files, existing, null, cancellationToken).Length == 0)
            {
                return existing;
            }

            directory.Discard(target); // of no use any more
        }

        string temporary = Path.Combine(directory.Backups, StoreNames.NewTemporary(info.Step));
        bool published = false;
        try
        {
            files.CreateDirectory(temporary);
            foreach (CheckpointFileInfo file in info.Files)
            {
                Copy(directory, info, file, Path.Combine(temporary, file.Name), cancellationToken);
                CrashPoint.Reach(CrashPoint.DuringBackup);
            }

            byte[] manifest = directory.ReadSmall(Path.Combine(info.Directory, StoreNames.Manifest), Manifest.LimitBytes);
            directory.WriteSmall(Path.Combine(temporary, StoreNames.Manifest), manifest);
            files.FlushDirectory(temporary);
            files.MoveDirectory(temporary, target);
            published = true;
            files.FlushDirectory(directory.Backups);
            CheckpointInfo backup = directory.Read(target, fromDisk: true);
            CheckpointProblem[] problems = CheckpointVerifier.Verify(files, backup, null, cancellationToken);
            if (problems.Length > 0)
            {
                throw new CheckpointDamagedException(target, problems);
            }

            Log.BackedUp(directory.Logger, info.Id, target);
            Rotate(directory, info.Id);
            return backup;
        }
        catch
        {
            directory.TryDelete(published ? target : temporary);
            throw;
        }
    }

    // The backup is safe: what goes wrong here is no reason to call it failed.
    private static void Rotate(StoreDirectory directory, string made)
    {
        try
        {
            directory.Discard(
                [.. directory.Scan(directory.Backups).Where(b => b.Id != made).Skip(directory.Options.KeepBackups - 1).Select(b => b.Directory)]);
        }
        catch (Exception e) when (StoreErrors.IsFileSystem(e))
        {
            Log.Warned(directory.Logger, $"Older backups could not be removed: {DisplayText.Clause(e.Message)}");
        }
    }

    private static void Copy(StoreDirectory directory, CheckpointInfo info, CheckpointFileInfo file, string to, CancellationToken cancellationToken)
    {
        string from = Path.Combine(info.Directory, file.Name);
        if (directory.Options.BackupMode == BackupMode.HardLink && directory.Files.TryLink(from, to))
        {
            return;
        }

        if (directory.Files.TryClone(from, to))
        {
            return; // shares blocks that were flushed when the checkpoint was saved
        }

        using IStoreFileReader reader = directory.Files.OpenFile(from);
        using IStoreFileWriter writer = directory.Files.CreateFile(to);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            int read;
            for (long offset = 0; (read = reader.Read(block.AsSpan(0, BlockSize), offset)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(block, 0, read);
                writer.Write(block.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        string sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (sha256 != file.Sha256)
        {
            throw new CheckpointDamagedException(
                info.Directory, [new CheckpointProblem(CheckpointProblemKind.WrongHash, file.Name, $"its SHA-256 is {sha256} instead of {file.Sha256}")]);
        }

        writer.Flush();
    }
}
