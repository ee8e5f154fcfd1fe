namespace CheckpointStorage.Tests;

/// <summary>A clock that stands where it is put.</summary>
internal sealed class SettableClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 6, 14, 32, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
