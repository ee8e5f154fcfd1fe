using System.Buffers;

namespace PretrainedTokenizers;

/// <summary>A growing block of ids from the shared pool.</summary>
internal sealed class PooledIds(int capacity) : IBufferWriter<int>, IDisposable
{
    private int[] _ids = ScratchArray.Rent<int>(Math.Max(capacity, 256));
    private int _count;

    public ReadOnlySpan<int> Written => _ids.AsSpan(0, _count);

    public ReadOnlyMemory<int> WrittenMemory => _ids.AsMemory(0, _count);

    public void Clear() => _count = 0;

    public void Advance(int count) => _count += count;

    public Memory<int> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _ids.AsMemory(_count);
    }

    public Span<int> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _ids.AsSpan(_count);
    }

    public void Dispose()
    {
        int[] ids = _ids;
        _ids = [];
        _count = 0;
        ScratchArray.Return(ids);
    }

    private void Reserve(int sizeHint)
    {
        if (_ids.Length - _count >= Math.Max(sizeHint, 1))
        {
            return;
        }

        long wanted = Math.Max(_ids.Length * 2L, _count + (long)Math.Max(sizeHint, 1));
        int[] larger = ScratchArray.Rent<int>((int)Math.Min(wanted, Array.MaxLength));
        Written.CopyTo(larger);
        ScratchArray.Return(_ids);
        _ids = larger;
    }
}
