using System.Buffers;
using System.Text.Json.Nodes;
using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <content>Values beside the tensors, and the check of everything.</content>
public sealed partial class PyTorchCheckpoint
{
    private const int VerifyPortion = 1 << 20;

    /// <summary>
    /// Reads the number in a tensor of one element, such as nanoGPT's <c>best_val_loss</c> or an optimizer's <c>step</c>.
    /// </summary>
    /// <returns>A <see cref="FloatValue"/>, an <see cref="IntegerValue"/> or a <see cref="BooleanValue"/>.</returns>
    /// <exception cref="NotSupportedException">The elements are complex or 8-bit floats.</exception>
    /// <inheritdoc cref="Read(PyTorchTensor, Span{byte}, long)"/>
    public CheckpointValue ReadScalar(PyTorchTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.ElementCount != 1)
        {
            throw new ArgumentException(Invariant($"{tensor} has {tensor.ElementCount} elements instead of one."), nameof(tensor));
        }

        return TensorScalar.Decode(tensor.DType, ReadBytes(tensor))
            ?? throw new NotSupportedException($"{TorchDTypes.Name(tensor.DType)} has no number of Python's.");
    }

    /// <summary>
    /// A value as JSON, as <see cref="CheckpointValue.ToJson"/> gives it, with tensors that have no dimensions read and told by their
    /// numbers:
    /// <c>ToJson("config")</c>, <c>ToJson("best_val_loss")</c>.
    /// </summary>
    /// <param name="keys">The keys that lead to the value, joined by <c>/</c>; the empty text for everything.</param>
    /// <exception cref="CheckpointNotFoundException">There is no such value.</exception>
    /// <exception cref="CheckpointDataException">The file was cut or changed since it was opened.</exception>
    /// <exception cref="InvalidOperationException">The value is too large for JSON.</exception>
    public JsonNode? ToJson(string keys)
    {
        if (!Header.TryFind(keys, out CheckpointValue? value))
        {
            throw new CheckpointNotFoundException(
                keys, $"There is nothing at {Escape.Quote(keys)}", "See Header.Root for what there is.", Path);
        }

        return JsonConversion.Convert(value, tensor => TensorScalar.Decode(tensor.DType, ReadBytes(tensor))?.ToJson());
    }

    /// <summary>Reads the whole file once and compares every record with its checksum. Legacy files have none.</summary>
    /// <param name="progress">Told of the bytes checked so far.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <returns>The number of records that were checked; 0 for a legacy file.</returns>
    /// <exception cref="CheckpointDataException">A record is damaged; the first one is told.</exception>
    /// <exception cref="CheckpointFormatException">A record's own header is damaged.</exception>
    public int Verify(IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(VerifyPortion);
        try
        {
            long total = 0;
            foreach (ZipRecord record in Header.Content.Records.OrderBy(record => record.HeaderOffset))
            {
                long start = record.GetDataOffset(_source);
                uint crc = 0;
                for (long done = 0; done < record.Size;)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Span<byte> portion = buffer.AsSpan(0, (int)Math.Min(VerifyPortion, record.Size - done));
                    _source.ReadExactly(portion, start + done);
                    crc = Crc32.Append(crc, portion);
                    done += portion.Length;
                    progress?.Report(total += portion.Length);
                }

                if (crc != record.Crc)
                {
                    throw ZipCheckpoint.WrongChecksum(record, crc, Path);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Header.Content.Records.Count;
    }
}
