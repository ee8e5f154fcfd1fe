using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>Storages of a legacy file, whose bytes follow after the pickles; a persistent id may name a part of one.</summary>
internal sealed class LegacyStorageTable(CheckpointContent content) : StorageTable(content.Source.Path)
{
    private readonly Dictionary<string, FileStorage> _storages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StorageValue> _views = new(StringComparer.Ordinal);

    /// <summary>Finds the places of all storages, from the list of their keys on.</summary>
    /// <param name="keys">The keys in the order of the file.</param>
    /// <param name="position">Where the first storage begins.</param>
    public void Place(CheckpointValue keys, long position)
    {
        if (keys is not SequenceValue { Kind: CheckpointValueKind.List } list)
        {
            throw Error("The storages' keys are not a list", position);
        }

        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (CheckpointValue item in list)
        {
            if (item is not TextValue { Value: var key } || !_storages.TryGetValue(key, out FileStorage? storage))
            {
                throw Error($"The list of storages has {item}, which no tensor uses, so its length is not known", position);
            }

            if (storage.LegacyOffset >= 0)
            {
                throw Error($"Storage {Escape.Quote(key)} is listed twice", position);
            }

            content.Source.ReadExactly(number, position);
            long count = System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(number);
            if (count != storage.ElementCount)
            {
                throw Error(
                    Invariant($"Storage {Escape.Quote(key)} has {count} elements where its bytes are, and {storage.ElementCount} where tensors use it"),
                    position);
            }

            storage.LegacyOffset = position + number.Length;
            if (storage.ByteCount > content.Length - storage.LegacyOffset)
            {
                long missingBytes = storage.ByteCount - (content.Length - storage.LegacyOffset);
                throw new CheckpointFormatException(
                    CheckpointErrorKind.Truncated,
                    Invariant($"The file ends {missingBytes:N0} bytes before storage {Escape.Quote(key)} does"),
                    "The download is incomplete; fetch it again.", Path, content.Length);
            }

            position = storage.LegacyOffset + storage.ByteCount;
        }

        if (_storages.Values.FirstOrDefault(storage => storage.LegacyOffset < 0) is { } missing)
        {
            throw Error($"Storage {Escape.Quote(missing.Key)} is used by a tensor and not listed", position);
        }

        if (position != content.Length)
        {
            throw new CheckpointFormatException(
                CheckpointErrorKind.InvalidContainer, Invariant($"There are {content.Length - position:N0} bytes after the last storage"),
                "torch.save writes nothing there; if several objects were saved into one file, save each into its own.", Path, position);
        }
    }

    /// <summary>
    /// A storage of complex numbers, whose bytes big-endian machines wrote in an order of their own; null when there is none.
    /// </summary>
    public FileStorage? FindComplex() => _storages.Values.FirstOrDefault(s => s.DType is TorchDType.Complex64 or TorchDType.Complex128);

    protected override bool HasItems(int count) => count == 6;

    protected override TensorStorage Get(string key, TorchDType dtype, long elementCount, long position)
    {
        if (!_storages.TryGetValue(key, out FileStorage? storage))
        {
            storage = new FileStorage(key, dtype, elementCount, content, record: null);
            if (storage.ByteCount > content.Length)
            {
                throw Error(Invariant($"Storage {Escape.Quote(key)} is told to have {storage.ByteCount} bytes, more than the file"), position);
            }

            _storages.Add(key, storage);
        }

        return storage;
    }

    protected override StorageValue View(SequenceValue id, TensorStorage storage, bool isUntyped, long position)
    {
        if (id[5].Kind == CheckpointValueKind.None)
        {
            return base.View(id, storage, isUntyped, position);
        }

        if (id[5] is not SequenceValue { Kind: CheckpointValueKind.Tuple, Count: 3 } view
            || view[0] is not TextValue { Value: var key } || view[1] is not IntegerValue from || !from.TryGetSize(out long offset)
            || view[2] is not IntegerValue length || !length.TryGetSize(out long count)
            || offset > storage.ElementCount || count > storage.ElementCount - offset)
        {
            throw Error($"A view of storage {Escape.Quote(storage.Key)} is not described rightly or reaches beyond it", position);
        }

        // PyTorch makes a view when it first meets its key, and takes that one again whatever is told later.
        if (!_views.TryGetValue(key, out StorageValue? known))
        {
            known = new StorageValue(storage, offset, count, isUntyped);
            _views.Add(key, known);
        }

        return ReferenceEquals(known.Storage, storage) && known.Offset == offset && known.Count == count
            ? known
            : throw Error($"The view {Escape.Quote(key)} of storage {Escape.Quote(storage.Key)} is described in two ways", position);
    }
}
