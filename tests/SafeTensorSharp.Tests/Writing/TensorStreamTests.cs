using System.Buffers;

namespace SafeTensorSharp.Tests.Writing;

public sealed class TensorStreamTests
{
    [Fact]
    public void A_source_may_make_its_bytes_in_the_streams_memory_and_not_one_too_many()
    {
        using TempDirectory directory = new();
        SafeTensorWriteResult result = SafeTensorWriter.Write(directory["m"], [SafeTensorEntry.FromWriter("a", DType.U8, [5], stream =>
        {
            IBufferWriter<byte> lender = Assert.IsAssignableFrom<IBufferWriter<byte>>(stream);
            lender.Write("abc"u8);
            stream.Write("de"u8);
        })]);
        using SafeTensorFile file = SafeTensorFile.Open(result.Path);
        Assert.Equal("abcde"u8.ToArray(), file.ReadBytes("a"));

        SafeTensorWriteException e = Assert.Throws<SafeTensorWriteException>(() => SafeTensorWriter.Write(
            directory["n"], [SafeTensorEntry.FromWriter("a", DType.U8, [5], stream => ((IBufferWriter<byte>)stream).Write("abcdef"u8))]));
        Assert.Equal(SafeTensorErrorKind.WrongByteCount, e.Kind);
        Assert.False(File.Exists(directory["n"]));
    }
}
