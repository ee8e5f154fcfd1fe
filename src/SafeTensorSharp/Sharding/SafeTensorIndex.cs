using System.Collections.ObjectModel;

namespace SafeTensorSharp;

/// <summary>
/// The index of a sharded set (<c>model.safetensors.index.json</c>) by itself: which file holds which tensor. The files are not looked
/// at; <see cref="SafeTensorSet"/> does that.
/// </summary>
public sealed class SafeTensorIndex
{
    internal SafeTensorIndex(
        Dictionary<string, string> weightMap, IReadOnlyList<string> fileNames, long? totalSize, IReadOnlyList<string> warnings,
        string? path)
    {
        WeightMap = new ReadOnlyDictionary<string, string>(weightMap);
        FileNames = fileNames;
        TotalSize = totalSize;
        Warnings = warnings;
        Path = path;
    }

    /// <summary>For each tensor the name of its file, which is a plain name without a directory.</summary>
    public IReadOnlyDictionary<string, string> WeightMap { get; }

    /// <summary>The names of the set's files, each once, in ordinal order.</summary>
    public IReadOnlyList<string> FileNames { get; }

    /// <summary>
    /// What the index says the tensors take in bytes (<c>metadata.total_size</c>); null when it does not say. Writers differ in what they
    /// count, so it is information only.
    /// </summary>
    public long? TotalSize { get; }

    /// <summary>What is odd in the index without being wrong.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The index file; null when it was parsed from memory without a name.</summary>
    public string? Path { get; }

    /// <summary>Reads an index file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Bounds on its length, its names and their number; <see cref="SafeTensorLimits.Default"/> by default.</param>
    /// <exception cref="SafeTensorSetException">The index is not valid.</exception>
    /// <exception cref="SafeTensorLimitException">The index is over the limits.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    public static SafeTensorIndex Load(string path, SafeTensorLimits? limits = null)
    {
        limits ??= SafeTensorLimits.Default;
        limits.Validate();
        using FileSource source = FileSource.Open(path);
        long length = source.Length;
        IndexParser.CheckLength(length, limits, path);
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        int read = source.ReadFully(bytes, 0);
        return IndexParser.Parse(bytes.AsSpan(0, read), limits, path);
    }

    /// <summary>Parses an index that is in memory.</summary>
    /// <param name="utf8Json">The whole file.</param>
    /// <param name="limits">Bounds on its length, its names and their number; <see cref="SafeTensorLimits.Default"/> by default.</param>
    /// <param name="path">The file's name for messages and for <see cref="Path"/>.</param>
    /// <exception cref="SafeTensorSetException">The index is not valid.</exception>
    /// <exception cref="SafeTensorLimitException">The index is over the limits.</exception>
    public static SafeTensorIndex Parse(ReadOnlySpan<byte> utf8Json, SafeTensorLimits? limits = null, string? path = null)
    {
        limits ??= SafeTensorLimits.Default;
        limits.Validate();
        IndexParser.CheckLength(utf8Json.Length, limits, path);
        return IndexParser.Parse(utf8Json, limits, path);
    }
}
