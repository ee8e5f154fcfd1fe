namespace Importer.Models;

/// <summary>Checks the values of a configuration record; each error names the field as config.json spells it.</summary>
/// <param name="Source">What to call the configuration's origin.</param>
internal readonly record struct ConfigCheck(string Source)
{
    private const int MaxSize = 1 << 20;

    /// <summary>The checks that every family has. The names are the family's own for the fields.</summary>
    public void Common(ModelConfig config, string context, string width, string layers, string heads)
    {
        Size(config.VocabSize, "vocab_size", int.MaxValue);
        Size(config.BlockSize, context, 1 << 24);
        Size(config.EmbeddingSize, width, MaxSize);
        Size(config.LayerCount, layers, 1 << 16);
        Size(config.HeadCount, heads, MaxSize);
    }

    public void Size(int value, string field, int limit = MaxSize) =>
        Require(value > 0 && value <= limit, field, value, FormattableString.Invariant($"is not between 1 and {limit}"));

    public void Divides(int divisor, string field, int value, string other) =>
        Require(value % divisor == 0, field, divisor, FormattableString.Invariant($"does not divide {other}, which is {value}"));

    public void Epsilon(double value, string field) => Require(value is > 0 and < 1, field, value, "is not between 0 and 1");

    public void Probability(double value, string field) => Require(value is >= 0 and <= 1, field, value, "is not a probability");

    public void Require(bool holds, string field, object? value, string problem)
    {
        if (!holds)
        {
            throw new ModelConfigException(
                Source, field, FormattableString.Invariant($"{field} = {value} {problem}"),
                "Correct the configuration, or take the config.json that belongs to these weights.");
        }
    }
}
