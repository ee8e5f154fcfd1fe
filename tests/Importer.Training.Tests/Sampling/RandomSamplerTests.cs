using Importer.Training.Sampling;

namespace Importer.Training.Tests.Sampling;

public sealed class RandomSamplerTests
{
    [Fact]
    public void Every_place_where_a_window_fits_is_drawn_about_as_often()
    {
        const int block = 8, tokens = 28, draws = 40_000; // 20 places
        var sampler = new RandomSampler(tokens, block, 11);
        int[] counts = new int[tokens];
        for (int i = 0; i < draws; i++)
        {
            counts[sampler.Offset(i)]++;
        }

        Assert.All(counts[20..], count => Assert.Equal(0, count)); // its last target would lie behind the data
        const double expected = draws / 20.0;
        Assert.InRange(counts[..20].Sum(count => Math.Pow(count - expected, 2) / expected), 3, 50);
    }

    [Fact]
    public void A_draw_depends_on_seed_and_index_alone()
    {
        var one = new RandomSampler(1_000_000, 10, 1);
        var same = new RandomSampler(1_000_000, 10, 1);
        var other = new RandomSampler(1_000_000, 10, 2);
        long[] draws = [.. Enumerable.Range(0, 100).Select(i => one.Offset(i))];
        Assert.Equal(draws.Reverse(), Enumerable.Range(0, 100).Reverse().Select(i => same.Offset(i)));
        Assert.True(draws.Zip(Enumerable.Range(0, 100).Select(i => other.Offset(i))).Count(pair => pair.First == pair.Second) < 3);
        Assert.Equal(100, draws.Distinct().Count());
    }

    [Fact]
    public void The_draws_of_a_seed_never_change()
    {
        var sampler = new RandomSampler(1_000_000, 10, 1337);
        Assert.Equal(FixedDraws, new[] { 0, 1, 2, 1L << 40 }.Select(sampler.Offset));
    }

    private static readonly long[] FixedDraws = [243496, 797032, 756740, 926973];

    [Fact]
    public void Reaches_both_ends_of_the_data()
    {
        var sampler = new RandomSampler(6, 4, 1);
        long[] draws = [.. Enumerable.Range(0, 64).Select(i => sampler.Offset(i)).Distinct().Order()];
        Assert.Equal([0L, 1L], draws);
        Assert.Equal(1, sampler.WindowsPerEpoch);
        Assert.InRange(new RandomSampler(long.MaxValue, 1, 1).Offset(long.MaxValue), 0, long.MaxValue - 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Offset(-1));
    }

    [Fact]
    public void Samplers_are_made_by_name()
    {
        Assert.IsType<EpochSampler>(WindowSampler.Create("epoch", 100, 10, 1));
        Assert.IsType<RandomSampler>(WindowSampler.Create("random", 100, 10, 1));
        Assert.Contains("choose one of epoch, random", Assert.Throws<ArgumentException>(() => WindowSampler.Create("rand\u001bom", 100, 10, 1)).Message, StringComparison.Ordinal);
    }
}
