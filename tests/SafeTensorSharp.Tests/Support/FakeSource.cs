namespace SafeTensorSharp.Tests;

/// <summary>Bytes in memory that count what is read, hand out short reads, and can be cut or exchanged in the middle.</summary>
internal sealed class FakeSource(byte[] bytes) : ByteSource
{
    public byte[] Bytes { get; set; } = bytes;

    /// <summary>The most bytes that one read gives.</summary>
    public int MaxRead { get; init; } = int.MaxValue;

    /// <summary>Runs before each read.</summary>
    public Action? BeforeRead { get; set; }

    public long BytesRead { get; private set; }

    public int Reads { get; private set; }

    public override string? Path => "fake.safetensors";

    /// <summary>What the length is said to be; by default what it is.</summary>
    public long? ClaimedLength { get; set; }

    public override long Length => ClaimedLength ?? Bytes.Length;

    public override int Read(Span<byte> destination, long position)
    {
        BeforeRead?.Invoke();
        int count = (int)Math.Clamp(Bytes.Length - position, 0, Math.Min(destination.Length, MaxRead));
        Bytes.AsSpan((int)Math.Min(position, Bytes.Length), count).CopyTo(destination);
        BytesRead += count;
        Reads++;
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> destination, long position, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return Read(destination.Span, position);
    }

    public override void Dispose()
    {
    }

    public SafeTensorFile Open(SafeTensorReadOptions? options = null)
    {
        options ??= new SafeTensorReadOptions();
        return new SafeTensorFile(this, HeaderReader.Read(this, options), options);
    }
}
