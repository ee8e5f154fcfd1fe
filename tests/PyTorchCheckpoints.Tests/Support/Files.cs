using System.Runtime.InteropServices;

namespace PyTorchCheckpoints.Tests;

/// <summary>Short ways to open what a test has in memory.</summary>
internal static class Files
{
    public static PyTorchCheckpoint Open(byte[] bytes, CheckpointReadOptions? options = null) =>
        PyTorchCheckpoint.Open(new MemorySource(bytes), CheckpointReadOptions.Validate(options));

    /// <summary>An archive whose pickle is one state dict with a float32 tensor <c>w</c> over storage 0.</summary>
    public static byte[] OneTensor(float[] storage, long[] shape, long[] stride, long offset = 0) => ZipBuilder.Checkpoint(
        PickleBuilder.Start().Dict(("w", p => p.Tensor(q => q.Storage("0", storage.Length), shape, stride, offset))).Stop(), ("0", Bytes(storage))).ToArray();

    public static byte[] Bytes<T>(params T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static float[] Floats(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    public static float[] Range(int count) => [.. Enumerable.Range(0, count).Select(i => (float)i)];
}
