using System.Buffers;
using System.Runtime.CompilerServices;

namespace PretrainedTokenizers;

/// <summary>Where ids go: into a buffer writer in portions, or nowhere where they are only counted.</summary>
internal ref struct IdWriter
{
    private readonly IBufferWriter<int>? _output;
    private Span<int> _free;
    private int _used;

    public IdWriter(IBufferWriter<int>? output)
    {
        _output = output;
        _free = default;
        _used = 0;
        Count = 0;
    }

    public long Count { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id)
    {
        Count++;
        if (_output is null)
        {
            return;
        }

        if (_used == _free.Length)
        {
            Renew(1);
        }

        _free[_used++] = id;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(scoped ReadOnlySpan<int> ids)
    {
        Count += ids.Length;
        if (_output is null)
        {
            return;
        }

        if (_free.Length - _used < ids.Length)
        {
            Renew(ids.Length);
        }

        ids.CopyTo(_free[_used..]);
        _used += ids.Length;
    }

    /// <summary>Hands over what was written; must be called at the end.</summary>
    public void Flush()
    {
        _output?.Advance(_used);
        _used = 0;
        _free = default;
    }

    private void Renew(int atLeast)
    {
        _output!.Advance(_used);
        _used = 0;
        _free = _output.GetSpan(Math.Max(atLeast, 256));
    }
}
