using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>Storages that are records of a zip archive: <c>root/data/key</c>.</summary>
internal sealed class ZipStorageTable(ZipDirectory directory, string root, CheckpointContent content) : StorageTable(content.Source.Path)
{
    private readonly Dictionary<string, FileStorage> _storages = new(StringComparer.Ordinal);

    protected override bool HasItems(int count) => count == 5;

    protected override TensorStorage Get(string key, TorchDType dtype, long elementCount, long position)
    {
        if (_storages.TryGetValue(key, out FileStorage? known))
        {
            return known;
        }

        // The record is only ever looked up in the archive, but no writer makes such a key.
        if (key.Length == 0 || key.AsSpan().ContainsAny('/', '\\') || key is "." or "..")
        {
            throw Error($"The key {Escape.Quote(key)} of a storage is not a plain name", position);
        }

        if (!directory.Records.TryGetValue($"{root}/data/{key}", out ZipRecord? record))
        {
            throw Error($"The archive has no record for storage {Escape.Quote(key)}", position);
        }

        FileStorage storage = new(key, dtype, elementCount, content, record);
        if (record.Size != storage.ByteCount)
        {
            throw Error(
                Invariant($"The record of storage {Escape.Quote(key)} has {record.Size} bytes, ")
                + Invariant($"and {elementCount} {TorchDTypes.Name(dtype)} take {storage.ByteCount}"),
                position);
        }

        _storages.Add(key, storage);
        return storage;
    }
}
