using System.Buffers;

namespace PyTorchCheckpoints;

/// <summary>A storage in a file: a record of a zip archive, or a range of a legacy file.</summary>
internal sealed class FileStorage(string key, TorchDType dtype, long elementCount, CheckpointContent content, ZipRecord? record)
    : TensorStorage(key, dtype, elementCount)
{
    private const int CopyPortion = 4 << 20;

    /// <summary>The file.</summary>
    public CheckpointContent Content { get; } = content;

    /// <summary>The record; null in a legacy file.</summary>
    public ZipRecord? Record { get; } = record;

    /// <summary>Where the bytes begin in a legacy file; known once everything before them is read.</summary>
    public long LegacyOffset { get; set; } = -1;

    /// <summary>Where the bytes begin in the file. In a zip archive, the record's own header is read and checked the first time.</summary>
    public long GetDataOffset() => Record?.GetDataOffset(Content.Source) ?? LegacyOffset;

    /// <summary>Where the record begins, for putting storages in the order of the file without reading anything.</summary>
    public long ApproximateOffset => Record?.HeaderOffset ?? LegacyOffset;

    internal override void WriteTo(Stream stream, int swapSize)
    {
        long start = GetDataOffset();
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(ByteCount, CopyPortion));
        try
        {
            for (long done = 0; done < ByteCount;)
            {
                Span<byte> portion = buffer.AsSpan(0, (int)Math.Min(ByteCount - done, CopyPortion));
                Content.Source.ReadExactly(portion, start + done);
                if (Content.IsBigEndian)
                {
                    ByteOrder.Swap(portion, swapSize);
                }

                stream.Write(portion);
                done += portion.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
