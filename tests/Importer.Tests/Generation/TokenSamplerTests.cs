using Importer.Generation;

namespace Importer.Tests.Generation;

public sealed class TokenSamplerTests
{
    private static readonly float[] Logits = [2f, 1f, 1f, 0f, -1f, float.NegativeInfinity, 3f, 0.5f];

    [Theory]
    [InlineData(1, 0, 1, 0)]
    [InlineData(0.7, 0, 1, 0)]
    [InlineData(1.8, 5, 1, 0)]
    [InlineData(1, 3, 1, 0)]
    [InlineData(1, 0, 0.8, 0)]
    [InlineData(1.3, 6, 0.9, 0)]
    [InlineData(1, 0, 1, 0.1)]
    [InlineData(1, 6, 0.95, 0.12)]
    public void Draws_are_distributed_as_softmax_says(double temperature, int topK, double topP, double minP)
    {
        double[] expected = Reference(temperature, topK, topP, minP);
        const int draws = 40_000;
        int[] counts = new int[Logits.Length];
        for (int i = 0; i < draws; i++)
        {
            counts[Next(new() { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, Seed = 12 }, Logits, sample: i)]++;
        }

        double chiSquare = 0;
        int freedom = -1;
        for (int i = 0; i < counts.Length; i++)
        {
            if (expected[i] == 0)
            {
                Assert.Equal(0, counts[i]);
                continue;
            }

            chiSquare += Math.Pow(counts[i] - draws * expected[i], 2) / (draws * expected[i]);
            freedom++;
        }

        // The seed is fixed, so this passes always or never; for a right sampler one seed in a thousand would be beyond it.
        double[] limits = [0, 10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32];
        Assert.InRange(chiSquare, 0, limits[freedom]);
    }

    [Fact]
    public void Successive_draws_of_a_sequence_are_distributed_as_well()
    {
        int[] counts = new int[4];
        var sequence = new GenerationSequence(0, 0, [1], rememberSeen: false);
        var sampler = new TokenSampler(Settings(new() { Temperature = 1, Seed = 99 }), 4);
        for (int i = 0; i < 40_000; i++)
        {
            int id = sampler.Next(new float[4], sequence);
            counts[id]++;
            sequence.Add(id);
        }

        Assert.InRange(counts.Sum(count => Math.Pow(count - 10_000, 2) / 10_000), 0, 16.27);
    }

    [Fact]
    public void Top_k_keeps_what_equals_the_last_one()
    {
        // The two logits of 1 are third and fourth: k = 3 keeps both, as topk's threshold does in nanoGPT and transformers.
        Assert.Equal([0, 1, 2, 6], Possible(new() { Temperature = 1, TopK = 3 }));
    }

    [Fact]
    public void Top_p_keeps_the_likeliest_always_and_of_equals_the_lower_id()
    {
        Assert.Equal([6], Possible(new() { Temperature = 1, TopP = 1e-9 }));
        var without = Reference(1, 0, 1, 0);
        Assert.Equal([0, 1, 6], Possible(new() { Temperature = 1, TopP = without[6] + without[0] + without[1] / 2 }));
    }

    [Fact]
    public void The_repetition_penalty_divides_positive_logits_and_multiplies_negative_ones_once_per_token()
    {
        float[] seen = [];
        LogitsHook look = (in LogitsContext _, Span<float> logits) => seen = logits.ToArray();
        var sequence = new GenerationSequence(0, 0, [0, 4, 4], rememberSeen: true);
        sequence.Add(6);

        new TokenSampler(Settings(new() { RepetitionPenalty = 2, LogitsHooks = [look] }), Logits.Length).Next((float[])Logits.Clone(), sequence);

        Assert.Equal([1f, 1f, 1f, 0f, -2f, float.NegativeInfinity, 1.5f, 0.5f], seen);
    }

    [Fact]
    public void Without_a_temperature_the_likeliest_is_taken_and_of_equals_the_lower_id()
    {
        Assert.Equal(6, Next(new(), Logits));
        Assert.Equal(2, Next(new(), [0, 1, 7, 7, 7, 1, 2, 0, 3, 4, 5, 6, 7, 1, 1, 1, 7, 7, 0]));
    }

    [Fact]
    public void A_filter_alone_asks_for_sampling()
    {
        Assert.True(Settings(new()).IsGreedy);
        Assert.Equal(1, Settings(new() { TopP = 0.9 }).Temperature);
        Assert.True(Settings(new() { TopP = 0.9, Temperature = 0 }).IsGreedy);
    }

    [Fact]
    public void Philox_gives_the_numbers_of_its_authors()
    {
        // kat_vectors of Random123, philox4x32 with 10 rounds.
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox.Block(0, 0, 0, 0, 0, 0));
        Assert.Equal(
            (0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu), Philox.Block(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue));
        Assert.Equal(
            (0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u), Philox.Block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0));
        Assert.All(Enumerable.Range(0, 1000), i => Assert.InRange(Philox.Uniform(5, 0, i), 0, 1 - 1e-16));
    }

    [Fact]
    public void The_exponential_is_exact_to_the_last_bits()
    {
        for (double x = 0; x > -700; x -= 0.37)
        {
            Assert.InRange(PortableExp.OfNonPositive(x) / Math.Exp(x), 1 - 1e-15, 1 + 1e-15);
        }

        Assert.Equal(1, PortableExp.OfNonPositive(0));
        Assert.Equal(0, PortableExp.OfNonPositive(double.NegativeInfinity));
    }

    private static SamplingSettings Settings(GenerationOptions options) => SamplingSettings.Resolve(options, GenerationDefaults.None);

    private static int Next(GenerationOptions options, float[] logits, int sample = 0) => new TokenSampler(Settings(options), logits.Length)
        .Next((float[])logits.Clone(), new GenerationSequence(0, sample, [1], rememberSeen: false));

    private static IEnumerable<int> Possible(GenerationOptions options) => Enumerable.Range(0, 20_000)
        .Select(i => Next(new() { Temperature = options.Temperature, TopK = options.TopK, TopP = options.TopP, Seed = 4 }, Logits, i)).Distinct().Order();

    /// <summary>The distribution as transformers' processors make it, step by step and in double precision.</summary>
    private static double[] Reference(double temperature, int topK, double topP, double minP)
    {
        double[] scores = [.. Logits.Select(logit => logit / temperature)];
        if (topK > 0)
        {
            double threshold = scores.OrderDescending().ElementAt(topK - 1);
            scores = [.. scores.Select(score => score < threshold ? double.NegativeInfinity : score)];
        }

        double[] probabilities = Softmax(scores);
        double[] kept = [.. scores];
        double before = 0;
        foreach (int i in Enumerable.Range(0, scores.Length).OrderByDescending(i => probabilities[i]).ThenBy(i => i))
        {
            kept[i] = before < topP ? kept[i] : double.NegativeInfinity;
            before += probabilities[i];
        }

        probabilities = Softmax(kept);
        return Softmax([.. kept.Select((score, i) => probabilities[i] >= minP * probabilities.Max() ? score : double.NegativeInfinity)]);
    }

    private static double[] Softmax(double[] scores)
    {
        double total = scores.Sum(Math.Exp);
        return [.. scores.Select(score => Math.Exp(score) / total)];
    }
}
