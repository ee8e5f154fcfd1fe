namespace SharedSource.IO;

/// <summary>A stream that is only written to, from its beginning to its end.</summary>
internal abstract class WriteOnlyStream : Stream
{
    /// <summary>Whether its content is complete; nothing may be written then.</summary>
    protected bool IsClosed { get; set; }

    /// <summary>How many bytes were written.</summary>
    protected long Written { get; set; }

    public sealed override bool CanRead => false;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => !IsClosed;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => Written;
        set => throw new NotSupportedException();
    }

    public abstract override void Write(ReadOnlySpan<byte> buffer);

    public sealed override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public sealed override void WriteByte(byte value) => Write([value]);

    /// <summary>Does nothing: what takes the bytes writes when it has enough, and is flushed when it is whole.</summary>
    public sealed override void Flush()
    {
    }

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();
}
