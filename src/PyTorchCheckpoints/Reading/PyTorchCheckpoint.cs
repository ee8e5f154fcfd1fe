using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// An open checkpoint. Tensors are read by position straight into the caller's memory; nothing is kept but the header. Any number of
/// threads may read at once.
/// </summary>
public sealed partial class PyTorchCheckpoint : IDisposable
{
    // Linux reads 2^31-4096 bytes at once at most.
    private const int MaxPortion = 1 << 30;

    private readonly ByteSource _source;
    private volatile bool _closed;

    private PyTorchCheckpoint(ByteSource source, CheckpointHeader header)
    {
        _source = source;
        Header = header;
    }

    /// <summary>Everything in the file but the tensors' bytes.</summary>
    public CheckpointHeader Header { get; }

    /// <summary>The model's tensors by their names.</summary>
    /// <inheritdoc cref="CheckpointHeader.StateDict"/>
    public StateDict StateDict => Header.StateDict;

    /// <summary>The file; null when it was opened from a stream without a name.</summary>
    public string? Path => _source.Path;

    /// <summary>How many bytes of the file were read so far.</summary>
    internal long BytesRead => _source.BytesRead;

    /// <summary>Opens a file and reads its header; no tensor's bytes are read.</summary>
    /// <inheritdoc cref="CheckpointHeader.Identify(string, CheckpointReadOptions?)"/>
    public static PyTorchCheckpoint Open(string path, CheckpointReadOptions? options = null)
    {
        options = CheckpointReadOptions.Validate(options);
        return Open(FileSource.Open(path), options);
    }

    /// <inheritdoc cref="Open(string, CheckpointReadOptions?)"/>
    /// <param name="stream">
    /// The file's bytes with positions; one thread reads at a time. Closed with the checkpoint unless <paramref name="leaveOpen"/>.
    /// </param>
    /// <param name="path">The file's name for messages.</param>
    /// <param name="options">Which state dict, strictness and limits.</param>
    /// <param name="leaveOpen">Whether the stream stays open.</param>
    public static PyTorchCheckpoint Open(Stream stream, string? path = null, CheckpointReadOptions? options = null, bool leaveOpen = false)
    {
        options = CheckpointReadOptions.Validate(options);
        return Open(new StreamSource(stream, path, leaveOpen), options);
    }

    /// <summary>Opens a file on a thread of the pool.</summary>
    /// <inheritdoc cref="Open(string, CheckpointReadOptions?)"/>
    /// <param name="path">The file.</param>
    /// <param name="options">Which state dict, strictness and limits.</param>
    /// <param name="cancellationToken">Keeps it from beginning; reading a header takes milliseconds and is not interrupted.</param>
    public static Task<PyTorchCheckpoint> OpenAsync(
        string path, CheckpointReadOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Open(path, options), cancellationToken);

    /// <summary>
    /// Reads a tensor, or some of its elements, in C order and little-endian, straight into <paramref name="destination"/>.
    /// </summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <param name="destination">Filled completely; its length must be whole elements.</param>
    /// <param name="offset">Where in the tensor's <see cref="PyTorchTensor.ByteCount"/> to begin; whole elements. 0 by default.</param>
    /// <exception cref="ArgumentException">The tensor is not one of this file, or offset or length are not whole elements.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within the tensor.</exception>
    /// <exception cref="CheckpointDataException">
    /// The file was cut or changed since it was opened, or a boolean is neither 0 nor 1.
    /// </exception>
    /// <exception cref="CheckpointFormatException">The tensor's record in the archive is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint is closed.</exception>
    public void Read(PyTorchTensor tensor, Span<byte> destination, long offset = 0)
    {
        FileStorage storage = CheckRequest(tensor, destination.Length, offset);
        if (destination.Length > 0)
        {
            long start = storage.GetDataOffset();
            int size = TorchDTypes.ElementSize(tensor.DType);
            if (tensor.IsContiguous)
            {
                _source.ReadExactly(destination, start + (tensor.StorageOffset * size) + offset, tensor.Name);
            }
            else
            {
                TensorGather.Read(_source, start, tensor, offset / size, destination);
            }

            if (Header.IsBigEndian)
            {
                ByteOrder.Swap(destination, TorchDTypes.SwapSize(tensor.DType));
            }

            CheckBooleans(tensor, destination, offset);
        }

        CheckUnchanged(tensor);
    }

    /// <summary>Reads a tensor, or a part of it, straight into native memory; for more bytes than a span can hold.</summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <param name="destination">The address of at least <paramref name="byteCount"/> writable bytes.</param>
    /// <param name="byteCount">How many bytes to read; whole elements.</param>
    /// <param name="offset">Where in the tensor to begin, in bytes; whole elements. 0 by default.</param>
    /// <inheritdoc cref="Read(PyTorchTensor, Span{byte}, long)"/>
    public unsafe void Read(PyTorchTensor tensor, nint destination, long byteCount, long offset = 0)
    {
        _ = CheckRequest(tensor, byteCount, offset);
        if (destination == 0 && byteCount > 0)
        {
            throw new ArgumentNullException(nameof(destination));
        }

        long done = 0;
        do
        {
            int portion = (int)Math.Min(byteCount - done, MaxPortion);
            Read(tensor, new Span<byte>((byte*)destination + done, portion), offset + done);
            done += portion;
        }
        while (done < byteCount);
    }

    /// <summary>Reads a whole tensor into a new array.</summary>
    /// <exception cref="NotSupportedException">The tensor is larger than an array can be (2 GB).</exception>
    /// <inheritdoc cref="Read(PyTorchTensor, Span{byte}, long)"/>
    public byte[] ReadBytes(PyTorchTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.ByteCount > Array.MaxLength)
        {
            throw new NotSupportedException($"{tensor} is larger than an array; read it in parts or into native memory.");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)tensor.ByteCount);
        Read(tensor, bytes);
        return bytes;
    }

    /// <summary>Where a tensor's bytes are in the file, if they lie there in C order without gaps.</summary>
    /// <returns>
    /// The position of the first byte; -1 for a tensor that is not contiguous. The bytes are little-endian unless
    /// <see cref="CheckpointHeader.IsBigEndian"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The tensor is not one of this file.</exception>
    /// <exception cref="CheckpointFormatException">The tensor's record in the archive is damaged.</exception>
    public long GetFileOffset(PyTorchTensor tensor)
    {
        FileStorage storage = CheckRequest(tensor, 0, 0);
        return tensor.IsContiguous ? storage.GetDataOffset() + (tensor.StorageOffset * TorchDTypes.ElementSize(tensor.DType)) : -1;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _closed = true;
        _source.Dispose();
    }

    internal static PyTorchCheckpoint Open(ByteSource source, CheckpointReadOptions options)
    {
        try
        {
            CheckpointHeader header = CheckpointHeader.Read(source, options);
            header.LocateStateDict();
            return new PyTorchCheckpoint(source, header);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private FileStorage CheckRequest(PyTorchTensor tensor, long byteCount, long offset)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, tensor.ByteCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteCount, tensor.ByteCount - offset);
        int size = TorchDTypes.ElementSize(tensor.DType);
        if (offset % size != 0 || byteCount % size != 0)
        {
            throw new ArgumentException(Invariant($"Offset {offset} and length {byteCount} must be whole elements of {size} bytes."), nameof(offset));
        }

        return tensor.Storage is FileStorage storage && ReferenceEquals(storage.Content, Header.Content)
            ? storage
            : throw new ArgumentException($"{tensor} is not a tensor of this file.", nameof(tensor));
    }

    private void CheckBooleans(PyTorchTensor tensor, ReadOnlySpan<byte> bytes, long offset)
    {
        if (tensor.DType == TorchDType.Bool && bytes.IndexOfAnyExcept((byte)0, (byte)1) is >= 0 and var wrong)
        {
            throw new CheckpointDataException(
                CheckpointErrorKind.InvalidBool, Invariant($"Element {offset + wrong} is {bytes[wrong]}, and a boolean is 0 or 1"),
                "PyTorch's behaviour on such a value is undefined; save the tensor again as x != 0.", Path, position: null, tensor.Name);
        }
    }

    // A file that is being written anew can be long enough for this tensor and yet hold other bytes.
    private void CheckUnchanged(PyTorchTensor tensor)
    {
        long length = _source.Length, expected = Header.FileLength;
        if (length != expected)
        {
            throw new CheckpointDataException(
                length < expected ? CheckpointErrorKind.Truncated : CheckpointErrorKind.ChangedDuringRead,
                Invariant($"The file had {expected:N0} bytes when it was opened and has {length:N0} now"),
                "Another program is changing the file; wait until it is done, then open it again.", Path, Math.Min(length, expected), tensor.Name);
        }
    }
}
