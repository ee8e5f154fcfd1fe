using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// An open safetensors file. Tensors are read by position straight into the caller's memory; nothing is kept but the header.
/// Any number of threads may read at once.
/// </summary>
public sealed class SafeTensorFile : IDisposable
{
    // Linux reads 2^31-4096 bytes at once at most; smaller portions also let a value check find its bytes in the cache.
    private const int MaxPortion = 1 << 30;
    private const int CheckedPortion = 1 << 20;

    private readonly ByteSource _source;
    private readonly SafeTensorReadOptions _options;
    private volatile bool _closed;

    internal SafeTensorFile(ByteSource source, SafeTensorHeader header, SafeTensorReadOptions options)
    {
        _source = source;
        Header = header;
        _options = options;
    }

    /// <summary>The header: all tensors and the metadata.</summary>
    public SafeTensorHeader Header { get; }

    /// <summary>The file.</summary>
    public string? Path => _source.Path;

    /// <summary>Opens a file and reads its header; no tensor's data is read.</summary>
    /// <inheritdoc cref="SafeTensorHeader.Identify(string, SafeTensorReadOptions?)"/>
    public static SafeTensorFile Open(string path, SafeTensorReadOptions? options = null)
    {
        options = SafeTensorReadOptions.Validate(options);
        FileSource source = FileSource.Open(path);
        try
        {
            return new SafeTensorFile(source, HeaderReader.Read(source, options), options);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Open"/>
    /// <param name="path">The file.</param>
    /// <param name="options">Strictness and limits.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<SafeTensorFile> OpenAsync(
        string path, SafeTensorReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = SafeTensorReadOptions.Validate(options);
        FileSource source = FileSource.Open(path);
        try
        {
            SafeTensorHeader header = await HeaderReader.ReadAsync(source, options, cancellationToken).ConfigureAwait(false);
            return new SafeTensorFile(source, header, options);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor, or a part of it, straight into <paramref name="destination"/> and fills that.</summary>
    /// <param name="tensor">A tensor of this file's <see cref="Header"/>.</param>
    /// <param name="destination">Where the bytes go; its length says how many.</param>
    /// <param name="offset">Where in the tensor to begin, in bytes; 0 by default.</param>
    /// <exception cref="ArgumentException">The tensor is not one of this file.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within the tensor.</exception>
    /// <exception cref="SafeTensorDataException">
    /// The file was cut or changed since it was opened, or a value is refused by the options.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public void Read(SafeTensorInfo tensor, Span<byte> destination, long offset = 0)
    {
        CheckRequest(tensor, destination.Length, offset);
        bool check = TensorChecks.AreNeeded(tensor, _options);
        int done = 0;
        while (done < destination.Length)
        {
            int length = Portion(destination.Length - done, offset + done, check ? CheckedPortion : MaxPortion);
            Span<byte> portion = destination.Slice(done, length);
            long position = tensor.FileOffset + offset + done;
            CheckComplete(tensor, portion.Length, _source.ReadFully(portion, position), position);
            if (check)
            {
                TensorChecks.Apply(tensor, portion, offset + done, _options, Path);
            }

            done += length;
        }

        CheckUnchanged(tensor);
    }

    /// <summary>Reads a tensor, or a part of it, straight into native memory; for more bytes than a span can hold.</summary>
    /// <param name="tensor">A tensor of this file's <see cref="Header"/>.</param>
    /// <param name="destination">The address of at least <paramref name="byteCount"/> writable bytes.</param>
    /// <param name="byteCount">How many bytes to read.</param>
    /// <param name="offset">Where in the tensor to begin, in bytes; 0 by default.</param>
    /// <inheritdoc cref="Read(SafeTensorInfo, Span{byte}, long)"/>
    public unsafe void Read(SafeTensorInfo tensor, nint destination, long byteCount, long offset = 0)
    {
        CheckRequest(tensor, byteCount, offset);
        if (destination == 0 && byteCount > 0)
        {
            throw new ArgumentNullException(nameof(destination));
        }

        long done = 0;
        do
        {
            int portion = Portion(byteCount - done, offset + done, MaxPortion);
            Read(tensor, new Span<byte>((byte*)destination + done, portion), offset + done);
            done += portion;
        }
        while (done < byteCount);
    }

    /// <summary>Reads a tensor, or a part of it, straight into <paramref name="destination"/> and fills that.</summary>
    /// <inheritdoc cref="Read(SafeTensorInfo, Span{byte}, long)"/>
    /// <param name="tensor">A tensor of this file's <see cref="Header"/>.</param>
    /// <param name="destination">Where the bytes go; its length says how many.</param>
    /// <param name="offset">Where in the tensor to begin, in bytes; 0 by default.</param>
    /// <param name="cancellationToken">Ends the reading; what the destination holds then is undefined.</param>
    public async ValueTask ReadAsync(
        SafeTensorInfo tensor, Memory<byte> destination, long offset = 0, CancellationToken cancellationToken = default)
    {
        CheckRequest(tensor, destination.Length, offset);
        long position = tensor.FileOffset + offset;
        int read = await _source.ReadFullyAsync(destination, position, cancellationToken).ConfigureAwait(false);
        CheckComplete(tensor, destination.Length, read, position);
        TensorChecks.Apply(tensor, destination.Span, offset, _options, Path);
        CheckUnchanged(tensor);
    }

    /// <summary>Reads a whole tensor into a new array.</summary>
    /// <exception cref="SafeTensorNotFoundException">There is no tensor of that name.</exception>
    /// <exception cref="NotSupportedException">The tensor is larger than an array can be (2 GB).</exception>
    /// <exception cref="SafeTensorDataException">
    /// The file was cut or changed since it was opened, or a value is refused by the options.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public byte[] ReadBytes(string name)
    {
        SafeTensorInfo tensor = Header[name];
        if (tensor.ByteCount > Array.MaxLength)
        {
            throw new NotSupportedException(
                Invariant($"{tensor} is larger than an array; read it in parts or into native memory."));
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)tensor.ByteCount);
        Read(tensor, bytes);
        return bytes;
    }

    /// <summary>
    /// Maps the file into memory, read-only. Only for files that nobody cuts meanwhile: touching a page beyond the new end ends the
    /// process with SIGBUS (Linux, macOS) or an access violation (Windows). <see cref="Read(SafeTensorInfo, Span{byte}, long)"/> has no
    /// such risk.
    /// </summary>
    /// <exception cref="SafeTensorDataException">The file was cut or changed since it was opened.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public SafeTensorMapping Map()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        SafeTensorMapping mapping = SafeTensorMapping.Create(((FileSource)_source).Handle, Header, _options);
        try
        {
            CheckUnchanged(tensor: null);
            return mapping;
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file; mappings of it stay valid.</summary>
    public void Dispose()
    {
        // The handle itself stays usable as long as a mapping holds it.
        _closed = true;
        _source.Dispose();
    }

    // Ends where an element ends, so that the value checks see each element whole. No element is larger than 8 bytes.
    private static int Portion(long remaining, long offset, int most) => (int)Math.Min(remaining, most - (offset % 8));

    private void CheckRequest(SafeTensorInfo tensor, long byteCount, long offset)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, tensor.ByteCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteCount, tensor.ByteCount - offset);

        // A plan may have been made from an earlier look at the same file: what counts is that name and place agree.
        if (!Header.Has(tensor))
        {
            throw new ArgumentException(Invariant($"{tensor} is not a tensor of this file."), nameof(tensor));
        }
    }

    private void CheckComplete(SafeTensorInfo tensor, int wanted, int read, long position)
    {
        if (read < wanted)
        {
            throw Changed(
                SafeTensorErrorKind.TruncatedDuringRead, $"The file ended {wanted - read:N0} bytes early", position + read, tensor);
        }
    }

    // A file that is being written anew can be long enough for this tensor and yet hold other bytes.
    private void CheckUnchanged(SafeTensorInfo? tensor)
    {
        long length = _source.Length;
        if (length != Header.FileLength)
        {
            throw Changed(
                length < Header.FileLength ? SafeTensorErrorKind.TruncatedDuringRead : SafeTensorErrorKind.ChangedDuringRead,
                $"The file had {Header.FileLength:N0} bytes when it was opened and has {length:N0} now",
                Math.Min(length, Header.FileLength),
                tensor);
        }
    }

    private SafeTensorDataException Changed(SafeTensorErrorKind kind, FormattableString problem, long position, SafeTensorInfo? tensor) =>
        new(kind, Invariant(problem), "Another program is changing the file; wait until it is done, then open it again.",
            Path, position, tensor?.Name);
}
