using System.Buffers;

namespace SafeTensorSharp.Tests;

public sealed class WriteToTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(64)]
    public void A_stream_gets_the_bytes_that_a_file_gets(int alignment)
    {
        using TempDirectory directory = new();
        byte[] large = new byte[(2 << 20) + 12];
        new Random(1).NextBytes(large);
        SafeTensorEntry[] entries =
        [
            SafeTensorEntry.FromBytes("large", DType.F32, [large.Length / 4], large),
            SafeTensorEntry.FromBytes("small", DType.U8, [3], new byte[] { 1, 2, 3 }),
            SafeTensorEntry.FromWriter("lent", DType.F32, [2], stream =>
            {
                var writer = (IBufferWriter<byte>)stream;
                writer.GetSpan(8)[..8].Fill(7);
                writer.Advance(8);
            }),
        ];
        Dictionary<string, string> metadata = new() { ["format"] = "pt" };
        SafeTensorWriteOptions options = new() { DataAlignment = alignment };
        SafeTensorWriter.Write(directory["m"], entries, metadata, options);

        using MemoryStream stream = new();
        SafeTensorHeader header = SafeTensorWriter.WriteTo(stream, entries, metadata, options);

        Assert.Equal(File.ReadAllBytes(directory["m"]), stream.ToArray());
        Assert.Equal(stream.Length, header.FileLength);
        Assert.True(stream.CanWrite);
    }

    [Fact]
    public void A_source_that_delivers_too_little_is_named()
    {
        using MemoryStream stream = new();
        SafeTensorWriteException error = Assert.Throws<SafeTensorWriteException>(() =>
            SafeTensorWriter.WriteTo(stream, [SafeTensorEntry.FromBytes("short", DType.F32, [2], new byte[4])]));
        Assert.Contains("\"short\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancellation_ends_it()
    {
        using MemoryStream stream = new();
        Assert.Throws<OperationCanceledException>(() => SafeTensorWriter.WriteTo(
            stream, [SafeTensorEntry.FromBytes("t", DType.U8, [1], new byte[1])], cancellationToken: new CancellationToken(canceled: true)));
    }
}
