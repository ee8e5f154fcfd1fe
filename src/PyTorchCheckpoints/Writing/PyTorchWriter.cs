using SharedSource.IO;

namespace PyTorchCheckpoints;

/// <summary>
/// Writes checkpoints in PyTorch's zip format, as <c>torch.save</c> does: <c>torch.load</c> takes them with <c>weights_only=True</c>.
/// A file appears whole or not at all: it is written beside its place under a temporary name (<c>.NAME.….tmp</c>), flushed to disk, and
/// renamed. The same content gives the same bytes.
/// </summary>
public static class PyTorchWriter
{
    private static ReadOnlySpan<byte> FormatVersion => "3\n"u8;

    /// <summary>Writes a value.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <param name="root">
    /// What to save: a <see cref="DictionaryValue"/>, usually. Tensors come from a program (<see cref="PyTorchTensor.FromWriter"/> and its
    /// like), whose
    /// bytes are asked for one storage after the other, or from a <see cref="PyTorchCheckpoint"/> that is open. Those that share a storage
    /// share it in the
    /// file too.
    /// </param>
    /// <param name="options">Durability, hash, whether to replace.</param>
    /// <param name="progress">Told after every portion of some megabytes.</param>
    /// <param name="cancellationToken">Ends the writing within a portion; no file appears then.</param>
    /// <exception cref="CheckpointWriteException">
    /// A value cannot be written, a tensor's source delivers another number of bytes, or the file exists and must not be replaced.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written, such as for want of space.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written to.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public static CheckpointWriteResult Write(
        string path, CheckpointValue root, CheckpointWriteOptions? options = null, IProgress<CheckpointProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(root);
        options ??= CheckpointWriteOptions.Default;
        WrittenTensors tensors = new();
        ReadOnlyMemory<byte> pickle = PickleWriter.Write(WrittenTree.Check(root, path), tensors);
        string folder = FolderName(path);
        ZipPlan plan = new();
        plan.Add(folder + "/data.pkl", pickle.Length);
        plan.Add(folder + "/byteorder", "little".Length);
        foreach (WrittenRecord record in tensors.Records)
        {
            plan.Add($"{folder}/data/{record.Key}", record.Storage.ByteCount);
        }

        plan.Add(folder + "/version", FormatVersion.Length);
        plan.Add(folder + "/.data/serialization_id", SerializationId.Length);
        if (!options.Overwrite && File.Exists(path))
        {
            throw Exists(path);
        }

        long total = plan.FileLength;
        using AtomicFile file = AtomicFile.Create(path, total, options.FlushToDisk);
        using FileSink sink = new(
            file.Handle, options.ComputeSha256, options.FlushToDisk, (written, _) => progress?.Report(new CheckpointProgress(written, total)), cancellationToken);
        WriteContent(sink, plan, pickle, tensors.Records, file.Path, cancellationToken);
        string? sha256 = sink.Complete();
        file.Complete();
        Publish(file, options);
        return new CheckpointWriteResult(file.Path, total, sha256, tensors.Records.Count);
    }

    /// <summary>Writes a value on a thread of the pool.</summary>
    /// <inheritdoc cref="Write"/>
    public static Task<CheckpointWriteResult> WriteAsync(
        string path, CheckpointValue root, CheckpointWriteOptions? options = null, IProgress<CheckpointProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Task.Run(() => Write(path, root, options, progress, cancellationToken), cancellationToken);

    /// <summary>Writes a state dict, as <c>torch.save(model.state_dict(), path)</c> does.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <param name="tensors">The tensors by their names, in the order in which they are to stand in the file.</param>
    /// <param name="options">Durability, hash, whether to replace.</param>
    /// <param name="progress">Told after every portion of some megabytes.</param>
    /// <param name="cancellationToken">Ends the writing within a portion; no file appears then.</param>
    /// <inheritdoc cref="Write"/>
    public static CheckpointWriteResult WriteStateDict(
        string path, IEnumerable<KeyValuePair<string, PyTorchTensor>> tensors, CheckpointWriteOptions? options = null,
        IProgress<CheckpointProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Write(path, StateDict(tensors), options, progress, cancellationToken);

    /// <summary>The ordered dictionary that a module's <c>state_dict()</c> is.</summary>
    /// <param name="tensors">The tensors by their names.</param>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public static DictionaryValue StateDict(IEnumerable<KeyValuePair<string, PyTorchTensor>> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        DictionaryValue dictionary = new(isOrdered: true);
        foreach ((string name, PyTorchTensor tensor) in tensors)
        {
            dictionary.Add(name, tensor);
        }

        return dictionary;
    }

    private static void WriteContent(
        FileSink sink, ZipPlan plan, ReadOnlyMemory<byte> pickle, IReadOnlyList<WrittenRecord> records, string path,
        CancellationToken cancellationToken)
    {
        List<uint> checksums = new(plan.Entries.Count);
        foreach (ZipPlan.Entry entry in plan.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int index = checksums.Count;
            WrittenRecord? storage = index >= 2 && index - 2 < records.Count ? records[index - 2] : null;
            sink.Write(ZipPlan.LocalHeader(entry));
            using RecordStream stream = new(sink, storage?.Tensor ?? "", entry.Size, path);
            if (storage is not null)
            {
                storage.Storage.WriteTo(stream, storage.SwapSize);
            }
            else
            {
                stream.Write(
                    index == 0 ? pickle.Span
                    : index == 1 ? "little"u8
                    : index == records.Count + 2 ? FormatVersion
                    : SerializationId.Create(plan, checksums));
            }

            stream.Finish();
            checksums.Add(stream.Crc);
            sink.Write(ZipPlan.Descriptor(entry, stream.Crc));
        }

        sink.Write(plan.Directory(checksums));
    }

    private static void Publish(AtomicFile file, CheckpointWriteOptions options)
    {
        try
        {
            file.Publish(options.Overwrite);
        }
        catch (IOException) when (!options.Overwrite && File.Exists(file.Path))
        {
            throw Exists(file.Path);
        }
    }

    // torch.save names the folder in the archive after the file. Readers take any name; a plain one troubles none.
    private static string FolderName(string path)
    {
        string stem = Path.GetFileNameWithoutExtension(path);
        return stem.Length is > 0 and <= 100 && stem.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && stem.Trim('.').Length > 0
            ? stem
            : "archive";
    }

    private static CheckpointWriteException Exists(string path) => new(
        CheckpointErrorKind.TargetExists, ["The file exists already"],
        $"Choose another name, or let {nameof(CheckpointWriteOptions)}.{nameof(CheckpointWriteOptions.Overwrite)} replace it.", path);
}
