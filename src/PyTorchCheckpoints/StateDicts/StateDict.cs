using System.Diagnostics.CodeAnalysis;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>A model's tensors by their names, in the order of the file.</summary>
public sealed class StateDict
{
    private readonly Dictionary<string, PyTorchTensor> _byName;
    private readonly string? _path;

    internal StateDict(string keys, DictionaryValue dictionary, string? path)
    {
        Keys = keys;
        _path = path;
        List<PyTorchTensor> tensors = new(dictionary.Count);
        _byName = new(dictionary.Count, StringComparer.Ordinal);
        foreach ((CheckpointValue key, CheckpointValue value) in dictionary)
        {
            // What is not a tensor is a module's extra state, which the selection let through.
            if (value is PyTorchTensor tensor)
            {
                PyTorchTensor named = tensor.Named(((TextValue)key).Value);
                tensors.Add(named);
                _byName.Add(named.Name!, named);
            }
        }

        Tensors = tensors;
    }

    /// <summary>The keys that lead to it in the file, joined by <c>/</c>, such as <c>model</c>; empty for the root.</summary>
    public string Keys { get; }

    /// <summary>The tensors, each with its name, in the order of the dictionary.</summary>
    public IReadOnlyList<PyTorchTensor> Tensors { get; }

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="CheckpointNotFoundException">There is none.</exception>
    public PyTorchTensor this[string name] => TryGetTensor(name, out PyTorchTensor? tensor)
        ? tensor
        : throw new CheckpointNotFoundException(
            name, Invariant($"No tensor of that name among {Tensors.Count:N0}"),
            "List the names with Tensors; keys often differ by a prefix such as \"transformer.\", \"module.\" or \"_orig_mod.\".", _path);

    /// <summary>Finds a tensor by its name.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out PyTorchTensor? tensor)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _byName.TryGetValue(name, out tensor);
    }

    /// <summary>
    /// The names that stand for the same elements of the same storage, such as those of a language model's embedding and its head.
    /// </summary>
    /// <returns>Groups of two names or more, in the order of the dictionary.</returns>
    public IReadOnlyList<IReadOnlyList<string>> FindTies() =>
    [
        .. Tensors.GroupBy(tensor => (tensor.Storage, tensor.StorageOffset, tensor.DType))
            .SelectMany(group => group.GroupBy(tensor => string.Join(',', tensor.Shape) + ";" + string.Join(',', tensor.Stride)))
            .Where(group => group.Skip(1).Any())
            .Select(group => (IReadOnlyList<string>)[.. group.Select(tensor => tensor.Name!)]),
    ];
}
