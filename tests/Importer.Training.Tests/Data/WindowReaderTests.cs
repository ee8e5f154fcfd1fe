using Importer.Training.Data;
using Importer.Training.Sampling;
using static TorchSharp.torch;

namespace Importer.Training.Tests.Data;

[Collection(TorchCollection.Name)]
public sealed class WindowReaderTests
{
    [Fact]
    public void Targets_are_the_tokens_one_further()
    {
        long[] x = new long[6], y = new long[6];
        new Counting(10).ReadWindows([6, 0], 3, x, y);
        Assert.Equal([6, 7, 8, 0, 1, 2], x);
        Assert.Equal([7, 8, 9, 1, 2, 3], y);
    }

    [Fact]
    public void Tensors_have_a_row_per_window()
    {
        using var scope = NewDisposeScope();
        var (x, y) = new Counting(10).ReadBatch([6, 0], 3);
        Assert.Equal([2L, 3L], x.shape);
        Assert.Equal(ScalarType.Int64, x.dtype);
        Assert.Equal([6L, 7, 8, 0, 1, 2], x.data<long>().ToArray());
        Assert.Equal([7L, 8, 9, 1, 2, 3], y.data<long>().ToArray());
    }

    [Fact]
    public void A_batch_source_reads_what_the_sampler_says()
    {
        var sampler = new EpochSampler(10, 3, seed: 5);
        var source = new WindowBatchSource(new Counting(10), sampler, 3);
        Assert.Equal(3, source.SamplesPerEpoch);
        using var batch = source.Read(firstSample: 2, count: 3);
        Assert.Equal([3L, 3L], batch.Ids.shape);
        Assert.Equal(Enumerable.Range(2, 3).Select(i => sampler.Offset(i)).SelectMany(at => new[] { at, at + 1, at + 2 }), batch.Ids.data<long>().ToArray());
        Assert.Equal(batch.Ids.data<long>().ToArray().Select(id => id + 1), batch.Targets.data<long>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read(0, 0));
    }

    [Fact]
    public void Rejects_windows_that_are_not_all_there()
    {
        var source = new Counting(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => source.ReadWindows([7], 3, new long[3], new long[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.ReadWindows([-1], 3, new long[3], new long[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.ReadWindows([0], 0, [], []));
        Assert.Throws<ArgumentException>(() => source.ReadWindows([0], 3, new long[3], new long[4]));
        Assert.Throws<ArgumentException>(() => source.ReadWindows([0], 3, new long[2], new long[3]));
    }

    private sealed class Counting(long count) : ITokenSource
    {
        public long Count => count;

        public void Read(long offset, Span<long> tokens)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + tokens.Length, count);
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = offset + i;
            }
        }
    }
}
