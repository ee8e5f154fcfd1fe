using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using CheckpointStorage.IO;

namespace CheckpointStorage.Verification;

/// <summary>Reads a checkpoint's files from the disk and compares them with its manifest.</summary>
internal static class CheckpointVerifier
{
    private const int BlockSize = 1 << 20;

    /// <summary>Everything that is wrong; empty when every byte is what was saved.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="info">The checkpoint.</param>
    /// <param name="progress">Told of each block: the file, and how many bytes.</param>
    /// <param name="cancellationToken">Ends the reading between blocks.</param>
    /// <exception cref="UnauthorizedAccessException">A file may not be read, which is no damage.</exception>
    public static CheckpointProblem[] Verify(
        IStoreFileSystem files, CheckpointInfo info, Action<string, int>? progress, CancellationToken cancellationToken)
    {
        if (info.Problem is { } problem)
        {
            return [problem];
        }

        List<CheckpointProblem> problems = [];
        foreach (CheckpointFileInfo file in info.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Check(files, Path.Combine(info.Directory, file.Name), file, progress, cancellationToken) is { } found)
            {
                problems.Add(found);
            }

            CrashPoint.Reach(CrashPoint.DuringVerify);
        }

        return [.. problems];
    }

    private static CheckpointProblem? Check(
        IStoreFileSystem files, string path, CheckpointFileInfo file, Action<string, int>? progress, CancellationToken cancellationToken)
    {
        try
        {
            if (files.Find(path) is not { IsDirectory: false } entry)
            {
                return new CheckpointProblem(CheckpointProblemKind.Missing, file.Name, "it is missing");
            }

            // Before it is opened: whatever has no length, such as a pipe, is never waited for.
            if (entry.Length != file.Length)
            {
                return new CheckpointProblem(
                    CheckpointProblemKind.WrongLength,
                    file.Name,
                    string.Create(CultureInfo.InvariantCulture, $"it has {entry.Length} bytes instead of {file.Length}"));
            }

            string sha256 = file.Length == 0
                ? Convert.ToHexStringLower(SHA256.HashData([]))
                : Hash(files, path, count => progress?.Invoke(file.Name, count), cancellationToken);
            return sha256 == file.Sha256
                ? null
                : new CheckpointProblem(CheckpointProblemKind.WrongHash, file.Name, $"its SHA-256 is {sha256} instead of {file.Sha256}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new CheckpointProblem(CheckpointProblemKind.Missing, file.Name, "it is missing");
        }
        catch (IOException e)
        {
            return new CheckpointProblem(CheckpointProblemKind.Unreadable, file.Name, DisplayText.Clause(e.Message));
        }
    }

    private static string Hash(IStoreFileSystem files, string path, Action<int> progress, CancellationToken cancellationToken)
    {
        using IStoreFileReader reader = files.OpenFile(path, fromDisk: true);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (long offset = 0; ;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int read = reader.Read(block.AsSpan(0, BlockSize), offset);
                if (read == 0)
                {
                    return Convert.ToHexStringLower(hash.GetHashAndReset());
                }

                hash.AppendData(block, 0, read);
                progress(read);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
