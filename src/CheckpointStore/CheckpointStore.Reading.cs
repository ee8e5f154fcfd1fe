using CheckpointStorage.Verification;

namespace CheckpointStorage;

/// <content>What reads files.</content>
public sealed partial class CheckpointStore
{
    /// <summary>
    /// Opens a file of a checkpoint to be read once from its beginning. Its hash is computed on the way: what was read is as it was saved
    /// when the end has been reached without an exception.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="file">The file's name.</param>
    /// <returns>A stream whose last <c>Read</c>, the one that would return 0, throws <see cref="CheckpointDamagedException"/> where the bytes are others.</returns>
    /// <exception cref="CheckpointNotFoundException">The manifest has no such file.</exception>
    /// <exception cref="CheckpointDamagedException">The file is missing or has another length.</exception>
    /// <exception cref="CheckpointIOException">It may not be read.</exception>
    public Stream OpenFile(CheckpointInfo checkpoint, string file)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        CheckpointFileInfo info = checkpoint.GetFile(file);
        string path = checkpoint.GetPath(file);
        return Guard<Stream>(path, "open it", () =>
        {
            CheckpointProblem? problem = _store.Files.Find(path) switch
            {
                not { IsDirectory: false } => new CheckpointProblem(CheckpointProblemKind.Missing, file, "it is missing"),
                { } entry when entry.Length != info.Length =>
                    new CheckpointProblem(CheckpointProblemKind.WrongLength, file, $"it has {entry.Length} bytes instead of {info.Length}"),
                _ => null,
            };
            return problem is null
                ? new VerifyingReadStream(checkpoint.Directory, info, _store.Files.OpenFile(path))
                : throw new CheckpointDamagedException(checkpoint.Directory, [problem]);
        });
    }

    /// <summary>Reads a file whole and checks it before anything is returned.</summary>
    /// <inheritdoc cref="OpenFile"/>
    /// <returns>The bytes, as they were saved.</returns>
    public byte[] ReadAllBytes(CheckpointInfo checkpoint, string file)
    {
        using Stream stream = OpenFile(checkpoint, file);
        byte[] bytes = new byte[stream.Length];
        return Guard(checkpoint.GetPath(file), "read it", () =>
        {
            int filled = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            Span<byte> end = stackalloc byte[1];
            return stream.Read(end) == 0 && filled == bytes.Length
                ? bytes
                : throw new CheckpointDamagedException(
                    checkpoint.Directory, [new CheckpointProblem(CheckpointProblemKind.WrongLength, file, "it changed while it was read")]);
        });
    }
}
