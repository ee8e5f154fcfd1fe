using Importer.Generation;
using Tests.Shared;

namespace Importer.Tests.Generation;

public sealed class GenerationDefaultsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_models_recommendations_are_read_and_options_come_before_them()
    {
        Write("generation_config.json", """{"do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "min_p": 0.1, "repetition_penalty": 1.05, "max_new_tokens": 7, "eos_token_id": [3, 4]}""");
        Write("config.json", """{"eos_token_id": 9}""");

        var defaults = GenerationDefaults.FromDirectory(_directory.Path);
        var settings = SamplingSettings.Resolve(new(), defaults);
        var changed = SamplingSettings.Resolve(new() { Temperature = 0, StopTokens = [], TopK = 0 }, defaults);

        Assert.Equal((0.6, 20, 0.95, 0.1, 1.05, 7), (settings.Temperature, settings.TopK, settings.TopP, settings.MinP, settings.RepetitionPenalty, settings.MaxNewTokens));
        Assert.Equal([3, 4], settings.StopTokens.Order());
        Assert.True(changed.IsGreedy);
        Assert.Empty(changed.StopTokens);
        Assert.Equal(0, changed.TopK);
    }

    [Fact]
    public void The_end_of_text_comes_from_the_configuration_where_nothing_else_says_it()
    {
        Write("config.json", """{"eos_token_id": 9}""");
        Assert.Equal([9], GenerationDefaults.FromDirectory(_directory.Path).StopTokens);
        Write("generation_config.json", """{"temperature": 0.5}""");
        var defaults = GenerationDefaults.FromDirectory(_directory.Path);
        Assert.Equal([9], defaults.StopTokens);
        Assert.True(SamplingSettings.Resolve(new(), defaults).IsGreedy); // as in transformers: do_sample decides
    }

    [Fact]
    public void A_directory_without_either_file_recommends_nothing() =>
        Assert.Equal(GenerationDefaults.None.StopTokens, GenerationDefaults.FromDirectory(_directory.Path).StopTokens);

    [Theory]
    [InlineData("""{"eos_token_id": "x"}""", "eos_token_id")]
    [InlineData("""{"eos_token_id": [1, 2.5]}""", "eos_token_id")]
    [InlineData("""{"top_k": 1.5}""", "top_k")]
    [InlineData("""{"temperature": "hot"}""", "temperature")]
    [InlineData("[1]", "generation_config.json")]
    [InlineData("{", "generation_config.json")]
    public void A_broken_file_is_named(string json, string named)
    {
        Write("generation_config.json", json);
        Assert.Contains(named, Assert.ThrowsAny<PretrainedException>(() => GenerationDefaults.FromDirectory(_directory.Path)).Message);
    }

    private void Write(string name, string json) => File.WriteAllText(_directory[name], json);
}
