using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace CheckpointStorage.Tests.Catalog;

public sealed class CheckpointNameTests
{
    private static readonly Arbitrary<(long, DateTimeOffset, string)> Parts = Arb.From(
        from step in Gen.OneOf(Gen.Choose(0, int.MaxValue).Select(n => (long)n), Gen.Choose(0, 1000).Select(n => long.MaxValue - n))
        from seconds in Gen.Choose(0, int.MaxValue)
        from hash in Gen.ArrayOf(Gen.Elements("0123456789abcdef".ToCharArray()), 12)
        select (step, DateTimeOffset.UnixEpoch.AddSeconds(seconds * 100L), new string(hash)));

    [Fact]
    public void The_name_says_step_time_and_hash() =>
        Assert.Equal(
            "step-00002000-20261121T061432Z-1a2b3c4d5e6f",
            new CheckpointName(2000, new DateTimeOffset(2026, 11, 21, 8, 14, 32, 987, TimeSpan.FromHours(2)), "1a2b3c4d5e6f").ToString());

    [Fact]
    public void Every_name_is_read_back_as_it_was_made() => Prop.ForAll(Parts, parts =>
    {
        var name = new CheckpointName(parts.Item1, parts.Item2, parts.Item3);
        return CheckpointName.TryParse(name.ToString(), out CheckpointName? parsed) && parsed == name && Regex.IsMatch(name.ToString(), CheckpointName.Pattern);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_is_read_is_written_again_as_it_was() => Prop.ForAll(
        Arb.From(
            from parts in Parts.Generator
            from position in Gen.Choose(0, 40)
            from character in Gen.Elements("0129aTZ- sf\n".ToCharArray())
            select Mutate(new CheckpointName(parts.Item1, parts.Item2, parts.Item3).ToString(), position, character)),
        text => !CheckpointName.TryParse(text, out CheckpointName? name) || name.ToString() == text).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("latest")]
    [InlineData("step-2000-20261121T061432Z-1a2b3c4d5e6f")]
    [InlineData("step-00002000-20261121T061432Z-1a2b3c4d5e6F")]
    [InlineData("step-00002000-20261121T061432Z-1a2b3c4d5e6f\n")]
    [InlineData("step-00002000-20261321T061432Z-1a2b3c4d5e6f")]
    [InlineData("step-00002000-20261121T251432Z-1a2b3c4d5e6f")]
    [InlineData("step-000002000-20261121T061432Z-1a2b3c4d5e6f")]
    [InlineData("step-9999999999999999999-20261121T061432Z-1a2b3c4d5e6f")]
    [InlineData("step-٠٠٠٠٢٠٠٠-20261121T061432Z-1a2b3c4d5e6f")]
    [InlineData(".tmp-step-00002000-20261121T061432Z-1a2b3c4d5e6f")]
    [InlineData("step-00002000-20261121T061432Z-1a2b3c4d5e6f.bak")]
    public void What_is_no_name_is_refused(string? text) => Assert.False(CheckpointName.TryParse(text, out _));

    [Theory]
    [InlineData("1a2b3c4d5e6")]
    [InlineData("1A2B3C4D5E6F")]
    [InlineData("../../../etc")]
    public void A_hash_that_is_none_is_refused(string hash) => Assert.Throws<ArgumentException>(() => new CheckpointName(1, default, hash));

    [Fact]
    public void The_next_name_always_comes_after_the_newest() => Prop.ForAll(
        Parts,
        Parts,
        (newest, next) =>
        {
            var before = new CheckpointName(newest.Item1, newest.Item2, newest.Item3);
            var after = new CheckpointName(next.Item1, CheckpointName.TimeAfter(before, next.Item1, next.Item2), next.Item3);
            return CheckpointName.Order.Compare(after, before) > 0 && after.SavedAt >= next.Item2;
        }).QuickCheckThrowOnFailure();

    private static string Mutate(string text, int position, char character) =>
        position < text.Length ? text[..position] + character + text[(position + 1)..] : text + character;
}
