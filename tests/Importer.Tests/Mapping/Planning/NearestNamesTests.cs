using FsCheck;
using FsCheck.Fluent;
using Importer.Mapping.Planning;

namespace Importer.Tests.Mapping.Planning;

public sealed class NearestNamesTests
{
    [Fact]
    public void Finds_the_names_that_read_alike_the_nearest_first()
    {
        NearestNames names = new(["h.0.attn.c_atn.weight", "h.0.attn.c_attn.weights", "h.0.mlp.c_fc.weight", "wte.weight"]);

        Assert.Equal(["h.0.attn.c_atn.weight", "h.0.attn.c_attn.weights"], names.To("h.0.attn.c_attn.weight"));
        Assert.Empty(names.To("model.embed_tokens.weight"));
        Assert.Empty(new NearestNames([]).To("x"));
    }

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 2)]
    public void Measures_the_edit_distance(string a, string b, int distance)
    {
        Assert.Equal(distance, NearestNames.Distance(a, b, 8));
        Assert.Equal(distance, NearestNames.Distance(b, a, distance));
        Assert.Null(distance == 0 ? null : NearestNames.Distance(a, b, distance - 1));
    }

    [Fact]
    public void The_band_gives_what_the_whole_table_gives()
    {
        Gen<string> words =
            from length in Gen.Choose(0, 12)
            from letters in Gen.Elements('a', 'b', '.', '1').ArrayOf(length)
            select new string(letters);
        Prop.ForAll(Arb.From(words), Arb.From(words), Arb.From(Gen.Choose(0, 8)), (a, b, limit) =>
        {
            int whole = Whole(a, b);
            Assert.Equal(whole <= limit ? whole : null, NearestNames.Distance(a, b, limit));
        }).QuickCheckThrowOnFailure();

        static int Whole(string a, string b)
        {
            int[,] table = new int[a.Length + 1, b.Length + 1];
            for (int i = 0; i <= a.Length; i++)
            {
                for (int j = 0; j <= b.Length; j++)
                {
                    table[i, j] = i == 0 ? j : j == 0 ? i
                        : Math.Min(
                            table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                }
            }

            return table[a.Length, b.Length];
        }
    }

    [Fact]
    public void Stops_at_its_budget_among_many_names_and_skips_long_ones()
    {
        IEnumerable<string> names = Enumerable.Range(0, 150_000).Select(i => $"h.{i}.ln_1.weight").Append(new string('x', 5000));

        Assert.NotEmpty(new NearestNames(names).To("h.7.ln_1.wieght"));
        Assert.Empty(new NearestNames(names, budget: 0).To("h.7.ln_1.wieght"));
        Assert.Empty(new NearestNames(names).To(new string('x', 5000)));
    }
}
