using Importer.Generation;

namespace Importer.Tests.Generation;

public sealed class GoldenGenerationTests
{
    public static TheoryData<string> Names => GoldenGreedy.Names;

    [Fact]
    public void Every_family_has_golden_continuations()
    {
        string[] names = [.. ((IEnumerable<object[]>)Names).Select(row => (string)row[0])];
        string[] families = ["gpt2", "nanogpt", "gpt-neo", "gpt-neox", "llama", "mistral", "qwen2", "minimind", "minimind2", "minimind-old", "minimind-v1", "minimind-moe", "tiny-opt", "opt-350m"];
        Assert.All(families, family => Assert.Contains(names, name => name.Contains(family, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Greedy_continuations_equal_transformers_with_and_without_a_cache(string name)
    {
        using var model = GoldenGreedy.Load(name);
        var (prompt, expected) = GoldenGreedy.Expected(name);
        var generator = new TokenGenerator(model);

        foreach (bool useCache in new[] { true, false })
        {
            var result = Assert.Single(generator.Generate(prompt, new() { MaxNewTokens = expected.Length, UseCache = useCache }));
            Assert.Equal(expected, result.Ids);
            Assert.Equal(FinishReason.Length, result.FinishReason);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Greedy_continuations_are_the_same_in_a_batch_of_different_lengths_and_in_samples(string name)
    {
        using var model = GoldenGreedy.Load(name);
        var (prompt, expected) = GoldenGreedy.Expected(name);
        var generator = new TokenGenerator(model);
        int[] shorter = prompt[1..], longer = [.. prompt, .. expected[..3]];

        var results = generator.Generate([prompt, shorter, longer], new() { MaxNewTokens = expected.Length - 3, NumSamples = 2 });

        Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)], results.Select(result => (result.Prompt, result.Sample)));
        Assert.All(results.Take(2), result => Assert.Equal(expected[..^3], result.Ids));
        var alone = Assert.Single(generator.Generate(shorter, new() { MaxNewTokens = expected.Length - 3 }));
        Assert.All(results.Skip(2).Take(2), result => Assert.Equal(alone.Ids, result.Ids));
        Assert.All(results.Skip(4), result => Assert.Equal(expected[3..], result.Ids));
    }
}
