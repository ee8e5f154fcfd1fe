using Importer.Training.Distributed;

namespace Importer.Training.Tests.Distributed;

/// <summary>Sums over ranks: their order, their bits, and buffers of every size.</summary>
public sealed class AllReduceTests
{
    // Elements of a bucket.
    private const int Bucket = ProcessGroup.BucketBytes / sizeof(float);

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 1000)]
    [InlineData(2, Bucket)]
    [InlineData(3, Bucket + 1)]
    [InlineData(4, 3 * Bucket + 17)]
    public async Task Every_rank_gets_the_sum_in_the_order_of_ranks_to_the_bit(int world, int length)
    {
        float[][] inputs = [.. Enumerable.Range(0, world).Select(rank => Numbers(length, rank))];
        float[] expected = [.. inputs[0]];
        foreach (float[] other in inputs[1..])
        {
            for (int i = 0; i < length; i++)
            {
                expected[i] += other[i];
            }
        }

        float[][] sums = [.. inputs.Select(input => (float[])[.. input])];
        await Ranks.RunAsync(world, group => group.AllReduce(sums[group.Rank]));

        Assert.All(sums, sum => Assert.True(sum.AsSpan().SequenceEqual(expected)));
    }

    [Fact]
    public async Task The_order_of_ranks_decides_where_sums_round()
    {
        // (1e8 + 1) - 1e8 is 0 in f32, and 1 in any order that begins otherwise.
        float[] terms = [1e8f, 1, -1e8f], sums = new float[3];
        await Ranks.RunAsync(3, group =>
        {
            float[] number = [terms[group.Rank]];
            group.AllReduce(number);
            sums[group.Rank] = number[0];
        });

        Assert.Equal([0, 0, 0], sums);
    }

    [Fact]
    public async Task Doubles_texts_bytes_and_barriers_follow_each_other()
    {
        byte[] large = new byte[2 * ProcessGroup.BucketBytes + 5];
        new Random(3).NextBytes(large);
        await Ranks.RunAsync(3, group =>
        {
            for (int round = 0; round < 3; round++)
            {
                double[] numbers = [0.1, group.Rank];
                group.AllReduce(numbers);
                Assert.Equal([0.1 + 0.1 + 0.1, 3], numbers);
                Assert.Equal("märz", group.BroadcastText(group.IsFirst ? "märz" : null));
                byte[] bytes = group.IsFirst ? [.. large] : new byte[large.Length];
                group.Broadcast(bytes);
                Assert.True(bytes.AsSpan().SequenceEqual(large));
                group.Barrier();
                Assert.Equal(group.IsFirst ? ["0", "1", "2"] : [], group.GatherText($"{group.Rank}"));
            }
        });
    }

    [Fact]
    public async Task Arrays_that_lie_apart_are_summed_where_they_lie()
    {
        int[] lengths = [3, 0, Bucket - 1, 5, 2 * Bucket, 1];
        float[][][] arrays = [.. Enumerable.Range(0, 2).Select(rank => lengths.Select((length, i) => Numbers(length, 10 * rank + i)).ToArray())];
        float[][] expected = [.. arrays[0].Select((array, i) => array.Zip(arrays[1][i], (a, b) => a + b).ToArray())];
        await Ranks.RunAsync(2, group =>
        {
            var handles = arrays[group.Rank].Select(array => System.Runtime.InteropServices.GCHandle.Alloc(array, System.Runtime.InteropServices.GCHandleType.Pinned)).ToArray();
            group.AllReduce<float>([.. handles.Select((handle, i) => (handle.AddrOfPinnedObject(), (long)lengths[i]))]);
            foreach (var handle in handles)
            {
                handle.Free();
            }
        });

        Assert.All(arrays, rank => Assert.All(rank.Zip(expected), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second))));
    }

    private static float[] Numbers(int length, int seed)
    {
        var random = new Random(seed + 1);
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++)
        {
            numbers[i] = (float)(random.NextDouble() - 0.5) * (i % 7 == 0 ? 1e6f : 1);
        }

        return numbers;
    }
}
