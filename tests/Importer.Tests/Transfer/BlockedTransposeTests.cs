using System.Runtime.InteropServices;
using Importer.Transfer;

namespace Importer.Tests.Transfer;

public sealed unsafe class BlockedTransposeTests
{
    public static TheoryData<int, int, int> Shapes
    {
        get
        {
            var data = new TheoryData<int, int, int>();
            foreach (int size in new[] { 1, 2, 4, 8, 16 })
            {
                foreach (var (rows, columns) in new[] { (1, 1), (1, 9), (9, 1), (8, 8), (7, 9), (64, 64), (65, 63), (16, 200), (130, 70), (48, 144) })
                {
                    data.Add(size, rows, columns);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Element_c_r_is_element_r_c(int elementSize, int rows, int columns)
    {
        // Data at any byte, and rows wider than what is transposed, as panels of a larger matrix have.
        foreach (int misalignment in new[] { 0, 1, 3 })
        {
            int sourceStride = (columns + 2) * elementSize, destinationStride = (rows + 3) * elementSize;
            var source = new byte[misalignment + rows * sourceStride];
            new Random(rows * 1000 + columns).NextBytes(source);
            var destination = new byte[misalignment + columns * destinationStride];
            Array.Fill(destination, (byte)0xEE);

            fixed (byte* from = source, to = destination)
            {
                BlockedTranspose.Transpose(
                    from + misalignment, sourceStride, rows, columns, to + misalignment, destinationStride, elementSize);
            }

            for (int c = 0; c < columns; c++)
            {
                var written = destination.AsSpan(misalignment + c * destinationStride, destinationStride);
                for (int r = 0; r < rows; r++)
                {
                    var expected = source.AsSpan(misalignment + r * sourceStride + c * elementSize, elementSize);
                    Assert.True(written.Slice(r * elementSize, elementSize).SequenceEqual(expected), $"row {r}, column {c}");
                }

                Assert.Equal(-1, written[(rows * elementSize)..].IndexOfAnyExcept((byte)0xEE));
            }
        }
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(64, 64)]
    [InlineData(80, 200)]
    [InlineData(33, 47)]
    public void Going_around_the_caches_writes_the_same(int rows, int columns)
    {
        // Aligned or not: such stores are used only where they may be.
        foreach (int misalignment in new[] { 0, 4, 32 })
        {
            int stride = (rows * 4 + 31) / 32 * 32 + 32, length = columns * stride + 64;
            var source = new byte[rows * columns * 4];
            new Random(rows).NextBytes(source);
            byte* expected = (byte*)NativeMemory.AlignedAlloc((nuint)length, 64), actual = (byte*)NativeMemory.AlignedAlloc((nuint)length, 64);
            NativeMemory.Fill(expected, (nuint)length, 0xEE);
            NativeMemory.Fill(actual, (nuint)length, 0xEE);
            fixed (byte* from = source)
            {
                BlockedTranspose.Transpose(from, columns * 4, rows, columns, expected + misalignment, stride, 4);
                BlockedTranspose.Transpose(from, columns * 4, rows, columns, actual + misalignment, stride, 4, streaming: true);
            }

            bool same = new Span<byte>(expected, length).SequenceEqual(new Span<byte>(actual, length));
            NativeMemory.AlignedFree(expected);
            NativeMemory.AlignedFree(actual);
            Assert.True(same, $"{rows} x {columns}, {misalignment} bytes from a cache line");
        }
    }

    [Fact]
    public void An_element_size_that_no_dtype_has_is_refused()
    {
        byte b = 0;
        byte* address = &b;
        Assert.Throws<ArgumentOutOfRangeException>(() => BlockedTranspose.Transpose(address, 3, 1, 1, address, 3, 3));
    }
}
