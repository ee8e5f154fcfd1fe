namespace PyTorchCheckpoints.Tests;

public sealed class Crc32Tests
{
    [Fact]
    public void Is_the_checksum_of_zip_archives() => Assert.Equal(0xCBF43926u, Crc32.Append(0, "123456789"u8));

    [Fact]
    public void Is_the_same_at_every_length_and_in_every_division()
    {
        byte[] bytes = new byte[1000];
        new Random(7).NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length += length < 300 ? 1 : 37)
        {
            uint expected = Slow(bytes.AsSpan(0, length));
            Assert.Equal(expected, Crc32.Append(0, bytes.AsSpan(0, length)));
            Assert.Equal(expected, ~Crc32.AppendByTable(uint.MaxValue, bytes.AsSpan(0, length)));
            Assert.Equal(expected, Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, length / 3)), bytes.AsSpan(length / 3, length - (length / 3))));
        }
    }

    private static uint Slow(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
