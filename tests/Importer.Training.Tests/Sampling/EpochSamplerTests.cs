using FsCheck;
using FsCheck.Fluent;
using Importer.Training.Sampling;

namespace Importer.Training.Tests.Sampling;

public sealed class EpochSamplerTests
{
    public static TheoryData<long> Sizes => [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 100, 255, 256, 257, 1000, 4097, 65_536, 100_003];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Each_window_comes_once_per_epoch(long windows)
    {
        const int block = 8;
        var sampler = new EpochSampler(windows * block + 1, block, seed: 1337);
        Assert.Equal(windows, sampler.WindowsPerEpoch);
        foreach (long epoch in new[] { 0, 1, 2, 1L << 40 })
        {
            bool[] seen = new bool[windows];
            for (long i = 0; i < windows; i++)
            {
                long offset = sampler.Offset(epoch * windows + i);
                Assert.Equal(0, offset % block);
                Assert.False(seen[offset / block], $"window {offset / block} twice");
                seen[offset / block] = true;
            }

            Assert.DoesNotContain(false, seen);
        }
    }

    [Fact]
    public void Any_size_and_seed_is_a_permutation() => Prop.ForAll(
        Gen.Choose(1, 3000).ToArbitrary(), ArbMap.Default.ArbFor<long>(), ArbMap.Default.ArbFor<NonNegativeInt>(), (size, seed, epoch) =>
        {
            var order = new IndexPermutation(size, seed, epoch.Get);
            var values = Enumerable.Range(0, size).Select(i => order[i]).ToHashSet();
            return values.Count == size && values.All(value => value >= 0 && value < size);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_token_but_the_first_is_a_target_once_up_to_the_tail()
    {
        const int block = 7;
        const long tokens = 100; // 14 windows, and one token that is left
        var sampler = new EpochSampler(tokens, block, seed: 3);
        int[] targets = new int[tokens];
        for (long i = 0; i < sampler.WindowsPerEpoch; i++)
        {
            for (long at = sampler.Offset(i) + 1; at <= sampler.Offset(i) + block; at++)
            {
                targets[at]++;
            }
        }

        Assert.Equal(14, sampler.WindowsPerEpoch);
        Assert.Equal(0, targets[0]);
        Assert.All(targets[1..99], count => Assert.Equal(1, count));
        Assert.Equal(0, targets[99]);
    }

    [Fact]
    public void Epochs_and_seeds_have_orders_of_their_own()
    {
        const long windows = 500;
        var orders = new List<long[]>();
        foreach (long seed in new[] { 0, 1, 2, 1337, -1, long.MinValue, 1L << 32 })
        {
            var sampler = new EpochSampler(windows + 1, 1, seed);
            for (long epoch = 0; epoch < 4; epoch++)
            {
                orders.Add([.. Enumerable.Range(0, (int)windows).Select(i => sampler.Offset(epoch * windows + i))]);
            }
        }

        for (int a = 0; a < orders.Count; a++)
        {
            for (int b = 0; b < a; b++)
            {
                // Two random orders agree in one place on average; 15 is as good as impossible.
                Assert.InRange(orders[a].Zip(orders[b]).Count(pair => pair.First == pair.Second), 0, 14);
            }
        }
    }

    [Fact]
    public void Every_window_is_as_likely_as_any_other_in_every_place()
    {
        // Chi-squared over 20 places x 20 windows in 20,000 epochs; with 19 degrees of freedom 50 has a probability of 1e-4.
        const int windows = 20, epochs = 20_000;
        int[,] counts = new int[windows, windows];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            var order = new IndexPermutation(windows, 42, epoch);
            for (int i = 0; i < windows; i++)
            {
                counts[i, order[i]]++;
            }
        }

        const double expected = (double)epochs / windows;
        for (int i = 0; i < windows; i++)
        {
            double chi = Enumerable.Range(0, windows).Sum(w => Math.Pow(counts[i, w] - expected, 2) / expected);
            Assert.InRange(chi, 3, 50);
        }
    }

    [Fact]
    public void Neighbours_do_not_stay_neighbours()
    {
        const long windows = 10_000;
        var order = new IndexPermutation(windows, 7, 0);
        int adjacent = Enumerable.Range(1, (int)windows - 1).Count(i => Math.Abs(order[i] - order[i - 1]) == 1);
        Assert.InRange(adjacent, 0, 15); // two on average
    }

    [Fact]
    public void The_order_is_the_same_for_any_number_of_processes_and_any_batch()
    {
        var whole = new EpochSampler(10_000, 16, 5);
        long[] single = [.. Enumerable.Range(0, 960).Select(i => whole.Offset(i))];
        foreach (int world in new[] { 1, 2, 3, 4 })
        {
            long[] merged = new long[960];
            for (int rank = 0; rank < world; rank++)
            {
                // A process of its own has a sampler of its own, and begins wherever it is told to.
                var own = new EpochSampler(10_000, 16, 5);
                for (int i = 960 - world + rank; i >= 0; i -= world)
                {
                    merged[i] = own.Offset(i);
                }
            }

            Assert.Equal(single, merged);
        }
    }

    [Fact]
    public void The_order_of_a_seed_never_changes()
    {
        // What a checkpoint relies on: the same numbers in every version and on every machine.
        var sampler = new EpochSampler(101, 1, 1337);
        Assert.Equal(FixedOrder, Enumerable.Range(95, 12).Select(i => sampler.Offset(i)));
    }

    private static readonly long[] FixedOrder = [73, 36, 75, 70, 9, 63, 33, 74, 57, 53, 42, 28];

    [Fact]
    public void Threads_may_share_a_sampler()
    {
        var sampler = new EpochSampler(1001, 10, 1);
        long[] expected = [.. Enumerable.Range(0, 1000).Select(i => new EpochSampler(1001, 10, 1).Offset(i))];
        long[] actual = new long[1000];
        Parallel.For(0, 1000, i => actual[i] = sampler.Offset(i));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void The_largest_data_and_index_do_not_overflow()
    {
        var sampler = new EpochSampler(long.MaxValue, 1, 1);
        Assert.InRange(sampler.Offset(long.MaxValue), 0, long.MaxValue - 2);
        Assert.InRange(new EpochSampler(long.MaxValue, 1024, 1).Offset(123), 0, long.MaxValue - 1025);
    }

    [Fact]
    public void Rejects_data_without_a_window()
    {
        var error = Assert.Throws<TooFewTokensException>(() => new EpochSampler(1024, 1024, 1));
        Assert.Equal((1024, 1024), (error.TokenCount, error.BlockSize));
        Assert.Contains("has 1,024 tokens, and a window needs 1,025", error.Message, StringComparison.Ordinal);
        Assert.Throws<TooFewTokensException>(() => new EpochSampler(0, 1, 1));
        Assert.Throws<TooFewTokensException>(() => new RandomSampler(5, int.MaxValue, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EpochSampler(10, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EpochSampler(10, 3, 1).Offset(-1));
    }
}
