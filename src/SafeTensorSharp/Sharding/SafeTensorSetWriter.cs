using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SharedSource.IO;
using SharedSource.Text;

namespace SafeTensorSharp;

/// <summary>Writes a model in files of a largest size, with an index, under the names that transformers uses.</summary>
public static class SafeTensorSetWriter
{
    /// <summary>
    /// Writes <c>BASE.safetensors</c>, or <c>BASE-00001-of-0000N.safetensors</c> … and <c>BASE.safetensors.index.json</c>. Tensors stay
    /// in the order given; a file is begun when the next tensor would exceed the size. All files are complete and on disk before the first
    /// gets its name, and the index gets its name last. Several names cannot be given in one step: to be safe against a power failure
    /// between them, write to a new directory and rename that.
    /// </summary>
    /// <param name="directory">Where to write; it must exist.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c> of every file.</param>
    /// <param name="options">Size of the files, their names, and how each is written.</param>
    /// <param name="progress">Told after every portion of some megabytes; counts all files together.</param>
    /// <param name="cancellationToken">Ends the writing within a portion; no file appears then.</param>
    /// <exception cref="SafeTensorWriteException">
    /// A name, a shape or a source's number of bytes is wrong, or the directory holds files of another set of that base name.
    /// </exception>
    /// <exception cref="SafeTensorLimitException">A header would be over the limit.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written to.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public static SafeTensorSetWriteResult Write(
        string directory, IEnumerable<SafeTensorEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null,
        SafeTensorSetWriteOptions? options = null, IProgress<SafeTensorProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(tensors);
        options = SafeTensorSetWriteOptions.Validate(options);
        SafeTensorEntry[] entries = [.. tensors];
        WritePlan.ThrowIfAny(EntryChecks.Check(entries, metadata, options.Files.Limits), directory);
        List<List<SafeTensorEntry>> groups = Split(entries, options.MaxShardBytes);
        string[] names = [.. groups.Select((_, i) => ShardNames.Shard(options.BaseName, i, groups.Count))];
        RefuseLeftovers(directory, names, options);
        WritePlan[] plans =
            [.. groups.Select((group, i) => WritePlan.Create(Path.Combine(directory, names[i]), group, metadata, options.Files))];
        return WriteFiles(directory, names, plans, options, progress, cancellationToken);
    }

    private static SafeTensorSetWriteResult WriteFiles(
        string directory, string[] names, WritePlan[] plans, SafeTensorSetWriteOptions options,
        IProgress<SafeTensorProgress>? progress, CancellationToken cancellationToken)
    {
        List<AtomicFile> staged = [];
        try
        {
            long total = plans.Sum(plan => plan.Header.FileLength);
            long before = 0;
            List<SafeTensorWriteResult> results = new(plans.Length);
            for (int i = 0; i < plans.Length; i++)
            {
                long length = plans[i].Header.FileLength;
                AtomicFile file = AtomicFile.Create(Path.Combine(directory, names[i]), length, options.Files.FlushToDisk);
                staged.Add(file);
                ShardProgress? part = progress is null ? null : new ShardProgress(progress, before, total);
                string? sha256 = SafeTensorWriter.WriteContent(file, plans[i], options.Files, part, cancellationToken);
                results.Add(new SafeTensorWriteResult(file.Path, length, sha256, plans[i].Header));
                before += length;
            }

            if (plans.Length > 1)
            {
                staged.Add(StageIndex(Path.Combine(directory, ShardNames.Index(options.BaseName)), names, plans, options.Files));
            }

            cancellationToken.ThrowIfCancellationRequested();
            staged.ForEach(file => SafeTensorWriter.Publish(file, options.Files));
            return new SafeTensorSetWriteResult(results, plans.Length > 1 ? staged[^1].Path : null);
        }
        finally
        {
            staged.ForEach(file => file.Dispose());
        }
    }

    private static List<List<SafeTensorEntry>> Split(SafeTensorEntry[] entries, long maxShardBytes)
    {
        List<List<SafeTensorEntry>> groups = [[]];
        long bytes = 0;
        foreach (SafeTensorEntry entry in entries)
        {
            long size = entry.GetByteCount();
            if (groups[^1].Count > 0 && size > maxShardBytes - bytes)
            {
                groups.Add([]);
                bytes = 0;
            }

            groups[^1].Add(entry);
            bytes += size;
        }

        return groups;
    }

    // Files of an older set beside the new one would make the directory ambiguous: readers differ in which of the two they take.
    private static void RefuseLeftovers(string directory, string[] names, SafeTensorSetWriteOptions options)
    {
        string baseName = options.BaseName;
        string index = ShardNames.Index(baseName);
        HashSet<string> own = new(names, StringComparer.Ordinal);
        if (names.Length > 1)
        {
            own.Add(index);
        }

        List<SafeTensorProblem> problems = [];
        foreach (string path in Directory.EnumerateFiles(directory))
        {
            string name = Path.GetFileName(path);
            bool ofSet = name == index || name == baseName + ".safetensors" || IsShard(name, baseName);
            if (ofSet && !(own.Contains(name) && options.Files.Overwrite))
            {
                problems.Add(new SafeTensorProblem(
                    SafeTensorErrorKind.TargetExists, $"The file {Escape.Quote(name)} exists already", FileName: name));
            }
        }

        if (problems.Count > 0)
        {
            throw new SafeTensorWriteException(problems, "Write to an empty directory, or remove the other set first.", directory);
        }
    }

    private static bool IsShard(string name, string baseName)
    {
        string rest = name.StartsWith(baseName, StringComparison.Ordinal) ? name[baseName.Length..] : "";
        return rest.Length == "-00001-of-00001.safetensors".Length
            && rest.StartsWith('-') && rest.AsSpan(6).StartsWith("-of-") && rest.EndsWith(".safetensors", StringComparison.Ordinal)
            && !rest.AsSpan(1, 5).ContainsAnyExceptInRange('0', '9') && !rest.AsSpan(10, 5).ContainsAnyExceptInRange('0', '9');
    }

    private static AtomicFile StageIndex(string path, string[] names, WritePlan[] plans, SafeTensorWriteOptions options)
    {
        ArrayBufferWriter<byte> json = new();
        JsonWriterOptions format = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter writer = new(json, format))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata");
            writer.WriteNumber("total_size", plans.Sum(plan => plan.ByteCounts.Sum()));
            writer.WriteEndObject();
            writer.WriteStartObject("weight_map");
            IEnumerable<(string Tensor, string File)> map =
                plans.SelectMany((plan, i) => plan.Entries.Select(entry => (entry.Name, names[i])));
            foreach ((string tensor, string file) in map.OrderBy(pair => pair.Tensor, StringComparer.Ordinal))
            {
                writer.WriteString(tensor, file);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        json.Write("\n"u8);
        AtomicFile index = AtomicFile.Create(path, json.WrittenCount, options.FlushToDisk);
        try
        {
            RandomAccess.Write(index.Handle, json.WrittenSpan, fileOffset: 0);
            index.Complete();
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private sealed class ShardProgress(IProgress<SafeTensorProgress> whole, long before, long total) : IProgress<SafeTensorProgress>
    {
        public void Report(SafeTensorProgress value) =>
            whole.Report(value with { BytesWritten = before + value.BytesWritten, TotalBytes = total });
    }
}
