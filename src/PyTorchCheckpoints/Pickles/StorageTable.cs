using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>Turns persistent ids into storages: one storage per key, described the same way each time.</summary>
internal abstract class StorageTable(string? path)
{
    private const string Remedy = "torch.save does not write this; fetch the file again from its source, or save it again.";

    protected string? Path { get; } = path;

    /// <summary>The storage that a persistent id names.</summary>
    /// <param name="id">The id: <c>("storage", class, key, location, number of elements)</c> and, in the legacy format, a view.</param>
    /// <param name="position">Where in the file it is used.</param>
    public StorageValue Resolve(CheckpointValue id, long position)
    {
        if (id is not SequenceValue { Kind: CheckpointValueKind.Tuple, Count: > 0 } tuple)
        {
            throw Error("A persistent id is not a tuple", position);
        }

        if (tuple[0] is TextValue { Value: "module" })
        {
            throw new NotACheckpointException(
                DetectedContent.WholeModel, "A whole module was pickled, with its source code, instead of its state dict",
                "In Python, with a file whose author you trust: torch.save(model.state_dict(), \"weights.pt\"), then read that.", Path, position);
        }

        if (tuple[0] is not TextValue { Value: "storage" })
        {
            throw Error("A persistent id does not begin with \"storage\"", position);
        }

        if (!HasItems(tuple.Count))
        {
            throw Error(Invariant($"A persistent id has {tuple.Count} items"), position);
        }

        if (tuple[1] is not GlobalValue { Meaning: GlobalMeaning.StorageClass } storageClass)
        {
            throw Error("The second item of a persistent id is not a storage's class", position);
        }

        if (tuple[2] is not TextValue { Value: var key })
        {
            throw Error("The key of a storage is not a text", position);
        }

        if (tuple[3] is not TextValue)
        {
            throw Error("The location of a storage is not a text", position);
        }

        TorchDType dtype = storageClass.DType ?? TorchDType.UInt8;
        if (tuple[4] is not IntegerValue { Value: var number } || number < 0 || number > long.MaxValue / TorchDTypes.ElementSize(dtype))
        {
            throw Error($"The number of elements of storage {Escape.Quote(key)} is not an integer from 0 that a file can hold", position);
        }

        TensorStorage storage = Get(key, dtype, (long)number, position);
        if (storage.DType != dtype || storage.ElementCount != number)
        {
            throw Error(
                Invariant($"Storage {Escape.Quote(key)} is told to be {number} {TorchDTypes.Name(dtype)} here ")
                + Invariant($"and {storage.ElementCount} {TorchDTypes.Name(storage.DType)} before"),
                position);
        }

        return View(tuple, storage, storageClass.DType is null, position);
    }

    protected abstract bool HasItems(int count);

    /// <summary>The storage of that key: the one that is known already, or a new one.</summary>
    protected abstract TensorStorage Get(string key, TorchDType dtype, long elementCount, long position);

    protected virtual StorageValue View(SequenceValue id, TensorStorage storage, bool isUntyped, long position) =>
        new(storage, 0, storage.ElementCount, isUntyped);

    protected CheckpointFormatException Error(string problem, long? position) =>
        new(CheckpointErrorKind.InvalidStorage, problem, Remedy, Path, position);
}
