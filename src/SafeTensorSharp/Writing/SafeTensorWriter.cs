using SharedSource.IO;

namespace SafeTensorSharp;

/// <summary>
/// Writes safetensors files, in the reference implementation's order and with its header. A file appears whole or not at all: it is
/// written beside its place under a temporary name (<c>.NAME.….tmp</c>), flushed to disk, and renamed.
/// </summary>
public static class SafeTensorWriter
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <param name="tensors">The tensors, in any order; their bytes are asked for one tensor after the other.</param>
    /// <param name="metadata">
    /// Texts for <c>__metadata__</c>; none by default. <c>format</c> = <c>pt</c> makes transformers take the file.
    /// </param>
    /// <param name="options">Alignment, hash, durability.</param>
    /// <param name="progress">Told after every portion of some megabytes.</param>
    /// <param name="cancellationToken">Ends the writing within a portion; no file appears then.</param>
    /// <exception cref="SafeTensorWriteException">
    /// A name, a shape or a source's number of bytes is wrong, or the file exists and must not be replaced.
    /// </exception>
    /// <exception cref="SafeTensorLimitException">The header would be over the limit.</exception>
    /// <exception cref="IOException">The file cannot be written, such as for want of space.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written to.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public static SafeTensorWriteResult Write(
        string path, IEnumerable<SafeTensorEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null,
        SafeTensorWriteOptions? options = null, IProgress<SafeTensorProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options = SafeTensorWriteOptions.Validate(options);
        WritePlan plan = WritePlan.Create(path, tensors, metadata, options);
        RefuseExisting(path, options);
        using AtomicFile file = AtomicFile.Create(path, plan.Header.FileLength, options.FlushToDisk);
        string? sha256 = WriteContent(file, plan, options, progress, cancellationToken);
        Publish(file, options);
        return new SafeTensorWriteResult(file.Path, plan.Header.FileLength, sha256, plan.Header);
    }

    /// <summary>Writes a file on a thread of the pool.</summary>
    /// <inheritdoc cref="Write"/>
    public static Task<SafeTensorWriteResult> WriteAsync(
        string path, IEnumerable<SafeTensorEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null,
        SafeTensorWriteOptions? options = null, IProgress<SafeTensorProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Task.Run(() => Write(path, tensors, metadata, options, progress, cancellationToken), cancellationToken);

    /// <summary>
    /// Writes the bytes of a file to a stream of the caller's, who sees to durability and hashes. A stream that failed half-way holds
    /// half a file.
    /// </summary>
    /// <param name="stream">Takes the bytes, from the header on; it need not seek, and is neither flushed nor closed.</param>
    /// <param name="tensors">As for <see cref="Write"/>.</param>
    /// <param name="metadata">As for <see cref="Write"/>.</param>
    /// <param name="options">Alignment and limits; what concerns files has no effect.</param>
    /// <param name="cancellationToken">Ends the writing within a portion.</param>
    /// <returns>The header that was written.</returns>
    /// <exception cref="SafeTensorWriteException">A name, a shape or a source's number of bytes is wrong.</exception>
    /// <exception cref="SafeTensorLimitException">The header would be over the limit.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public static SafeTensorHeader WriteTo(
        Stream stream, IEnumerable<SafeTensorEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null,
        SafeTensorWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        const string name = "a stream";
        WritePlan plan = WritePlan.Create(name, tensors, metadata, SafeTensorWriteOptions.Validate(options));
        using StreamSink sink = new(stream, cancellationToken);
        WriteTensors(sink, plan, name, _ => { }, cancellationToken);
        return plan.Header;
    }

    /// <summary>Writes everything into the temporary file and completes that.</summary>
    /// <returns>The hash, where one is asked for.</returns>
    internal static string? WriteContent(
        AtomicFile file, WritePlan plan, SafeTensorWriteOptions options, IProgress<SafeTensorProgress>? progress,
        CancellationToken cancellationToken)
    {
        long total = plan.Header.FileLength;
        using FileSink sink = new(
            file.Handle, options.ComputeSha256, options.FlushToDisk,
            (written, tensor) => progress?.Report(new SafeTensorProgress(written, total, tensor)), cancellationToken);
        WriteTensors(sink, plan, file.Path, tensor => sink.Label = tensor, cancellationToken);
        string? sha256 = sink.Complete();
        file.Complete();
        return sha256;
    }

    internal static void RefuseExisting(string path, SafeTensorWriteOptions options)
    {
        if (!options.Overwrite && File.Exists(path))
        {
            throw Exists(path);
        }
    }

    internal static void Publish(AtomicFile file, SafeTensorWriteOptions options)
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

    private static void WriteTensors(IByteSink sink, WritePlan plan, string path, Action<string> onTensor, CancellationToken cancellationToken)
    {
        sink.Write(plan.Start);
        for (int i = 0; i < plan.Entries.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SafeTensorEntry entry = plan.Entries[i];
            onTensor(entry.Name);
            using TensorStream stream = new(sink, entry.Name, plan.ByteCounts[i], path);
            entry.WriteTo(stream);
            stream.Finish();
        }
    }

    private static SafeTensorWriteException Exists(string path) => new(
        [new SafeTensorProblem(SafeTensorErrorKind.TargetExists, "The file exists already")],
        $"Choose another name, or let {nameof(SafeTensorWriteOptions)}.{nameof(SafeTensorWriteOptions.Overwrite)} replace it.",
        path);
}
