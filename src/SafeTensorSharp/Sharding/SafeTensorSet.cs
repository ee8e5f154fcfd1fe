using System.Diagnostics.CodeAnalysis;
using SharedSource.Text;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// A model in several files, held together by an index. Opening it reads every file's header and makes sure that index and files agree
/// exactly: each tensor of the index is in its file, each tensor of a file is in the index, and none is in two files.
/// </summary>
public sealed class SafeTensorSet : IDisposable
{
    private readonly Dictionary<string, SafeTensorSetTensor> _byName;

    private SafeTensorSet(
        SafeTensorIndex index, IReadOnlyList<SafeTensorShard> shards, IReadOnlyList<SafeTensorSetTensor> tensors,
        Dictionary<string, SafeTensorSetTensor> byName, IReadOnlyList<string> warnings)
    {
        Index = index;
        Shards = shards;
        Tensors = tensors;
        _byName = byName;
        Warnings = warnings;
    }

    /// <summary>The index.</summary>
    public SafeTensorIndex Index { get; }

    /// <summary>The files, in ordinal order of their names.</summary>
    public IReadOnlyList<SafeTensorShard> Shards { get; }

    /// <summary>All tensors: file after file, within each in the order of their data.</summary>
    public IReadOnlyList<SafeTensorSetTensor> Tensors { get; }

    /// <summary>What is odd without being wrong: in the index, in a file, or a <c>total_size</c> that is not the tensors'.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="SafeTensorNotFoundException">There is none.</exception>
    public SafeTensorSetTensor this[string name] =>
        TryGetTensor(name, out SafeTensorSetTensor? tensor)
            ? tensor
            : throw new SafeTensorNotFoundException(name, Index.Path, Tensors.Count);

    /// <summary>Reads an index, opens all of its files and compares them; no tensor's data is read.</summary>
    /// <param name="indexPath">The index, such as <c>model.safetensors.index.json</c>; the files lie beside it.</param>
    /// <param name="options">Strictness and limits.</param>
    /// <exception cref="SafeTensorSetException">
    /// The index is not valid, or it and the files disagree; everything that is wrong is told.
    /// </exception>
    /// <exception cref="SafeTensorException">One of the files is not valid.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read, or is a directory.</exception>
    public static SafeTensorSet Open(string indexPath, SafeTensorReadOptions? options = null)
    {
        options = SafeTensorReadOptions.Validate(options);
        SafeTensorIndex index = SafeTensorIndex.Load(indexPath, options.Limits);
        string directory = Path.GetDirectoryName(Path.GetFullPath(indexPath))!;
        List<SafeTensorProblem> problems = [];
        List<SafeTensorShard> shards = [];
        try
        {
            foreach (string name in index.FileNames)
            {
                string path = Path.Combine(directory, name);
                if (File.Exists(path))
                {
                    shards.Add(new SafeTensorShard(name, SafeTensorFile.Open(path, options)));
                }
                else
                {
                    problems.Add(new SafeTensorProblem(
                        SafeTensorErrorKind.MissingShard, $"The file {Escape.Quote(name)} does not exist", FileName: name));
                }
            }

            return Join(index, shards, problems);
        }
        catch
        {
            shards.ForEach(shard => shard.File.Dispose());
            throw;
        }
    }

    /// <summary>Finds a tensor by its name.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out SafeTensorSetTensor? tensor)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _byName.TryGetValue(name, out tensor);
    }

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (SafeTensorShard shard in Shards)
        {
            shard.File.Dispose();
        }
    }

    private static SafeTensorSet Join(SafeTensorIndex index, List<SafeTensorShard> shards, List<SafeTensorProblem> problems)
    {
        Dictionary<string, SafeTensorSetTensor> byName = new(index.WeightMap.Count, StringComparer.Ordinal);
        List<SafeTensorSetTensor> tensors = new(index.WeightMap.Count);
        foreach (SafeTensorShard shard in shards)
        {
            foreach (SafeTensorInfo info in shard.File.Header.Tensors)
            {
                SafeTensorSetTensor tensor = new(shard, info);
                tensors.Add(tensor);
                if (!byName.TryAdd(info.Name, tensor))
                {
                    string other = byName[info.Name].Shard.FileName;
                    problems.Add(new SafeTensorProblem(
                        SafeTensorErrorKind.DuplicateTensor,
                        $"Tensor {Escape.Quote(info.Name)} is in {Escape.Quote(other)} and in {Escape.Quote(shard.FileName)}",
                        info.Name,
                        shard.FileName));
                }
                else if (!index.WeightMap.ContainsKey(info.Name))
                {
                    problems.Add(new SafeTensorProblem(
                        SafeTensorErrorKind.UnlistedTensor,
                        $"Tensor {Escape.Quote(info.Name)} is in {Escape.Quote(shard.FileName)} and not in the index",
                        info.Name,
                        shard.FileName));
                }
            }
        }

        FindMissing(index, shards, problems);
        if (problems.Count > 0)
        {
            throw new SafeTensorSetException(
                problems, "Index and files must come from the same revision of the model; fetch all of them again.", index.Path);
        }

        return new SafeTensorSet(index, [.. shards], tensors, byName, Warn(index, shards, tensors: byName.Values));
    }

    private static void FindMissing(SafeTensorIndex index, List<SafeTensorShard> shards, List<SafeTensorProblem> problems)
    {
        Dictionary<string, SafeTensorHeader> headers = shards.ToDictionary(s => s.FileName, s => s.File.Header, StringComparer.Ordinal);
        foreach ((string name, string file) in index.WeightMap)
        {
            // A missing file is told once, not once for each of its tensors.
            if (headers.TryGetValue(file, out SafeTensorHeader? header) && !header.TryGetTensor(name, out _))
            {
                problems.Add(new SafeTensorProblem(
                    SafeTensorErrorKind.MissingTensor,
                    $"Tensor {Escape.Quote(name)} is not in {Escape.Quote(file)}, where the index says it is", name, file));
            }
        }
    }

    private static IReadOnlyList<string> Warn(
        SafeTensorIndex index, List<SafeTensorShard> shards, IEnumerable<SafeTensorSetTensor> tensors)
    {
        List<string> warnings = [.. index.Warnings];
        foreach (SafeTensorShard shard in shards)
        {
            warnings.AddRange(shard.File.Header.Warnings.Select(w => $"{Escape.Quote(shard.FileName)}: {w}"));
        }

        long bytes = tensors.Sum(t => t.Info.ByteCount);
        if (index.TotalSize is { } total && total != bytes)
        {
            warnings.Add(Invariant($"The index says that the tensors take {total:N0} bytes (total_size); they take {bytes:N0}."));
        }

        return [.. warnings];
    }
}
