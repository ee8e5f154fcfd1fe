namespace CheckpointStorage.Saving;

/// <summary>A piece of a file on its way to the disk and to both hashes.</summary>
internal sealed class Portion
{
    /// <summary>Small enough to be in a cache still when the next thread takes it, large enough for a call to cost nothing beside it.</summary>
    public const int Size = 1 << 20;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Size);
    private int _users;

    public int Length { get; set; }

    public Span<byte> Room => _bytes.AsSpan(Length);

    public ReadOnlySpan<byte> Filled => _bytes.AsSpan(0, Length);

    public void Lend(int users) => _users = users;

    /// <summary>Whether this was the last one to need it.</summary>
    public bool Release() => Interlocked.Decrement(ref _users) == 0;
}
