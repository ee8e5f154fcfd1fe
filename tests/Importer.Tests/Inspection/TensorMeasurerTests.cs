using System.Runtime.InteropServices;
using Importer.Inspection.Statistics;
using Importer.Sources;
using Importer.Tests.Transfer;
using SafeTensorSharp;

namespace Importer.Tests.Inspection;

public sealed class TensorMeasurerTests
{
    private static TensorStatistics? Measure<T>(DType dtype, int bins, params T[] elements)
        where T : unmanaged => Measure(dtype, bins, [.. MemoryMarshal.AsBytes(elements.AsSpan())]);

    private static TensorStatistics? Measure(DType dtype, int bins, byte[] bytes)
    {
        using var source = new MemorySource().Add("x", dtype, bytes, ElementDecoder.CanDecode(dtype) ? ElementDecoder.Values(dtype, bytes.Length) : 4);
        return new TensorMeasurer(source, bins, null).Measure(source.Tensors[0], CancellationToken.None);
    }

    public static TheoryData<DType, byte[], double, double, double> Dtypes() => new()
    {
        { DType.F64, Bytes<double>(-1.5, 2, 4), -1.5, 4, 1.5 },
        { DType.F32, Bytes(-1.5f, 2f, 4f), -1.5, 4, 1.5 },
        { DType.F16, Bytes<Half>((Half)(-1.5f), (Half)2, (Half)4), -1.5, 4, 1.5 },
        { DType.BF16, Bytes<ushort>(0xBFC0, 0x4000, 0x4080), -1.5, 4, 1.5 },
        { DType.I64, Bytes<long>(-3, 5, 4), -3, 5, 2 },
        { DType.I32, Bytes(-3, 5, 4), -3, 5, 2 },
        { DType.I16, Bytes<short>(-3, 5, 4), -3, 5, 2 },
        { DType.I8, Bytes<sbyte>(-3, 5, 4), -3, 5, 2 },
        { DType.U64, Bytes<ulong>(1ul << 63, 0, 0), 0, 9223372036854775808, 3074457345618258602.6666 },
        { DType.U32, Bytes<uint>(uint.MaxValue, 0, 0), 0, uint.MaxValue, uint.MaxValue / 3.0 },
        { DType.U16, Bytes<ushort>(65535, 0, 0), 0, 65535, 21845 },
        { DType.U8, Bytes<byte>(255, 0, 0), 0, 255, 85 },
        { DType.Bool, Bytes<byte>(1, 0, 1), 0, 1, 2 / 3.0 },
        { DType.F8E4M3, Bytes<byte>(0x38, 0xB8, 0x40), -1, 2, 2 / 3.0 },
        { DType.F4, [0b0010_1010], -1, 1, 0 },
        { DType.C64, Bytes(1f, -1f, 3f, 5f), -1, 5, 2 },
    };

    private static byte[] Bytes<T>(params T[] elements)
        where T : unmanaged => [.. MemoryMarshal.AsBytes(elements.AsSpan())];

    [Theory]
    [MemberData(nameof(Dtypes))]
    public void Every_dtype_is_measured(DType dtype, byte[] bytes, double min, double max, double mean)
    {
        var s = Measure(dtype, 4, bytes)!;

        Assert.Equal((min, max), (s.Min, s.Max));
        Assert.Equal(mean, s.Mean!.Value, Math.Abs(mean) * 1e-15 + 1e-15);
        Assert.Equal(s.Finite, s.Histogram!.Counts.Sum());
    }

    [Fact]
    public void Six_bit_floats_are_not() => Assert.Null(Measure(DType.F6E2M3, 4, new byte[3]));

    [Fact]
    public void An_empty_tensor_has_a_count_of_zero()
    {
        var s = Measure(DType.F32, 4, [])!;

        Assert.Equal((0L, null, null), (s.Count, s.Mean, s.Histogram));
    }

    [Theory]
    [InlineData(0x7E00)]
    [InlineData(0xFE01)]
    public void Not_a_number_in_half_precision_is_seen(int bits) => Assert.Equal(1, Measure<ushort>(DType.F16, 0, 0x3C00, (ushort)bits)!.NaNs);

    [Fact]
    public void A_histogram_has_every_finite_value_in_its_bin()
    {
        var s = Measure(DType.F32, 4, 0f, 0.1f, 0.3f, 0.5f, 0.9f, 1f, float.NaN, float.PositiveInfinity)!;

        Assert.Equal((0, 1), (s.Histogram!.Min, s.Histogram.Max));
        Assert.Equal([2, 1, 1, 2], s.Histogram.Counts);
    }

    [Fact]
    public void Bins_reach_from_the_least_to_the_greatest_double() =>
        Assert.Equal([1, 1], Measure(DType.F64, 2, double.MinValue, double.MaxValue)!.Histogram!.Counts);

    [Fact]
    public void Equal_values_are_one_bin() => Assert.Equal([3, 0], Measure(DType.F32, 2, 7f, 7f, 7f)!.Histogram!.Counts);

    [Fact]
    public void A_tensor_of_many_blocks_is_measured_in_pieces_and_reports_each()
    {
        float[] values = [.. Enumerable.Range(0, 1_000_003).Select(i => (float)(i % 1000))];
        using var source = new MemorySource().Add("x", DType.F32, Bytes(values), values.Length);
        long done = 0;

        var s = new TensorMeasurer(source, 10, bytes => done += bytes).Measure(source.Tensors[0], CancellationToken.None)!;

        Assert.Equal((values.Average(value => (double)value), 0.0, 999.0), (s.Mean!.Value, s.Min, s.Max), new Close());
        Assert.Equal(values.Length, s.Histogram!.Counts.Sum());
        Assert.Equal(2L * 4 * values.Length, done);
    }

    [Fact]
    public void Cancelling_ends_it()
    {
        using var source = new MemorySource().Add("x", DType.F32, new byte[4 << 20], 1 << 20);
        using var cancelled = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => new TensorMeasurer(source, 0, _ => cancelled.Cancel()).MeasureAll(cancelled.Token));
    }

    [Fact]
    public void A_read_that_fails_is_told_as_it_is()
    {
        using var source = new MemorySource().Add("x", DType.F32, new byte[8], 2);
        var broken = new BrokenSource(source);

        Assert.Throws<EndOfStreamException>(() => new TensorMeasurer(broken, 0, null).MeasureAll(CancellationToken.None));
    }

    private sealed class Close : IEqualityComparer<(double, double?, double?)>
    {
        public bool Equals((double, double?, double?) x, (double, double?, double?) y) =>
            Math.Abs(x.Item1 - y.Item1) < 1e-9 && x.Item2 == y.Item2 && x.Item3 == y.Item3;

        public int GetHashCode((double, double?, double?) value) => 0;
    }

    private sealed class BrokenSource(TensorSource inner) : TensorSource
    {
        public override IReadOnlyList<SourceTensor> Tensors => inner.Tensors;

        public override IReadOnlyList<string> Files => inner.Files;

        public override IReadOnlyDictionary<string, string> Metadata => inner.Metadata;

        public override long HeaderBytes => 0;

        public override void Read(SourceTensor tensor, long offset, Span<byte> destination) => throw new EndOfStreamException("cut");

        protected override void Dispose(bool disposing)
        {
        }
    }
}
