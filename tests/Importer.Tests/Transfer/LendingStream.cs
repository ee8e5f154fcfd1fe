using System.Buffers;

namespace Importer.Tests.Transfer;

/// <summary>A stream that lends memory to whoever writes to it, as a safetensors writer's does.</summary>
internal sealed class LendingStream : MemoryStream, IBufferWriter<byte>
{
    private byte[] _lent = [];

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _lent = new byte[sizeHint + 7];
        return _lent;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count) => Write(_lent, 0, count);
}
