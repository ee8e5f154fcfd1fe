namespace CheckpointStorage.Tests;

/// <summary>Reports where they are made, not on some other thread later.</summary>
internal sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
