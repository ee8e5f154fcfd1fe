using Importer.Training.Data;
using Tests.Shared;

namespace Importer.Training.Tests.Data;

public sealed class TokenFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(TokenDType.U16)]
    [InlineData(TokenDType.U32)]
    public void Reads_what_was_written_at_any_place(TokenDType dtype)
    {
        int[] ids = [.. Enumerable.Range(0, 200_000).Select(i => dtype == TokenDType.U16 ? i * 7919 % 65536 : i * 7919)];
        using (var writer = new TokenWriter(_directory["train.bin"], dtype))
        {
            writer.Write(ids.AsSpan(0, 3));
            writer.Write(ids.AsSpan(3));
            Assert.Equal(ids.Length, writer.Finish().Tokens);
        }

        using var file = TokenFile.Open(_directory["train.bin"], dtype);
        Assert.Equal(ids.Length, file.Count);
        foreach (var (offset, length) in new[] { (0, 5), (131_071, 3), (199_999, 1), (200_000, 0), (0, 200_000) })
        {
            long[] read = new long[length];
            file.Read(offset, read);
            Assert.Equal(ids.Skip(offset).Take(length).Select(id => (long)id), read);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(199_999, new long[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(-1, new long[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(long.MaxValue, new long[1]));
    }

    [Fact]
    public void Names_the_token_that_the_vocabulary_lacks()
    {
        File.WriteAllBytes(_directory["train.bin"], [1, 0, 2, 0, 65, 0, 3, 0]);
        using var file = TokenFile.Open(_directory["train.bin"]);
        file.Read(0, new long[4]);
        file.LimitTo(65);
        file.Read(0, new long[2]);
        var error = Assert.Throws<TokenOutOfRangeException>(() => file.Read(1, new long[3]));
        Assert.Equal((2, 65, 65), (error.Offset, error.Id, error.VocabularySize));
        Assert.Contains("token 2 is 65, and the vocabulary has 65 ids, 0 to 64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_of_four_bytes_are_never_negative()
    {
        File.WriteAllBytes(_directory["a"], [0xff, 0xff, 0xff, 0xff]);
        using var file = TokenFile.Open(_directory["a"], TokenDType.U32);
        Assert.Equal(uint.MaxValue, Assert.Throws<TokenOutOfRangeException>(() => file.Read(0, new long[1])).Id);
    }

    [Fact]
    public void Rejects_what_is_no_file_of_tokens()
    {
        File.WriteAllBytes(_directory["odd"], new byte[5]);
        Assert.Contains("5 bytes long, which is no whole number of uint16 tokens", Assert.Throws<DatasetFormatException>(() => TokenFile.Open(_directory["odd"])).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_directory["six"], new byte[6]);
        Assert.Throws<DatasetFormatException>(() => TokenFile.Open(_directory["six"], TokenDType.U32));
        File.WriteAllText(_directory["lfs"], "version https://git-lfs.github.com/spec/v1\noid sha256:00\n");
        Assert.Contains("git lfs pull", Assert.Throws<DatasetFormatException>(() => TokenFile.Open(_directory["lfs"])).Message, StringComparison.Ordinal);
        Assert.Throws<NotAFileException>(() => TokenFile.Open(_directory.Path));
        Assert.Throws<FileNotFoundException>(() => TokenFile.Open(_directory["none"]));
    }

    [SkippableFact]
    public void A_file_that_is_cut_while_it_is_read_is_an_error_and_no_crash()
    {
        Skip.If(OperatingSystem.IsWindows(), "an open file cannot be cut there");
        File.WriteAllBytes(_directory["train.bin"], new byte[1 << 20]);
        using var file = TokenFile.Open(_directory["train.bin"]);
        using (var other = File.Open(_directory["train.bin"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.SetLength(1000);
        }

        file.Read(0, new long[500]);
        Assert.Contains("ends at byte 1,000, and was 1,048,576 long", Assert.Throws<DatasetFormatException>(() => file.Read(0, new long[501])).Message, StringComparison.Ordinal);
    }
}
