namespace PyTorchCheckpoints;

/// <summary>A stream with positions, such as a file on a server that is read by range requests; one read at a time.</summary>
internal sealed class StreamSource : ByteSource
{
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly Lock _gate = new();

    public StreamSource(Stream stream, string? path, bool leaveOpen)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead || !stream.CanSeek)
        {
            throw new ArgumentException("The stream must be readable and have positions.", nameof(stream));
        }

        _stream = stream;
        _leaveOpen = leaveOpen;
        Path = path;
    }

    public override string? Path { get; }

    public override long Length
    {
        get
        {
            lock (_gate)
            {
                return _stream.Length;
            }
        }
    }

    public override int Read(Span<byte> destination, long position)
    {
        lock (_gate)
        {
            _stream.Position = position;
            return _stream.Read(destination);
        }
    }

    public override void Dispose()
    {
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }
}
