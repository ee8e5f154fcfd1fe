namespace PyTorchCheckpoints.Tests;

/// <summary>A file in memory that can be cut while it is read and that tells what was read of it.</summary>
internal sealed class MemorySource(byte[] bytes, string? path = null) : ByteSource
{
    private byte[] _bytes = bytes;

    public override string? Path => path;

    public override long Length => _bytes.Length;

    public List<(long Position, int Count)> Reads { get; } = [];

    public bool IsDisposed { get; private set; }

    /// <summary>Another program changes the file.</summary>
    public void Change(byte[] bytes) => _bytes = bytes;

    public override int Read(Span<byte> destination, long position)
    {
        int count = (int)Math.Clamp(_bytes.Length - position, 0, destination.Length);
        _bytes.AsSpan((int)Math.Min(position, _bytes.Length), count).CopyTo(destination);
        lock (Reads)
        {
            Reads.Add((position, count));
        }

        return count;
    }

    public override void Dispose() => IsDisposed = true;
}
