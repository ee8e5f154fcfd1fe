using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Tests.Mapping;
using SafeTensorSharp;

namespace Importer.Tests.Transfer;

/// <summary>Each operation, with numbers that count up, in memory, in a stream and staged; and its inverse back to them.</summary>
public sealed class OperationTests
{
    private const string Config = """{ "n_layer": 1, "d": 2, "f": 3, "h": 2, "k": 1, "e": 2, "v": 3, "p": 5 }""";

    private static readonly string Symbols = """ "L": "n_layer", "D": "d", "F": "f", "H": "h", "K": "k", "E": "e", "V": "v", "P": "p" """;

    [Theory]
    [InlineData("""["a", "x", "D F"]""", "a: 2 3", "x: 0 1 2 3 4 5")]
    [InlineData("""["a", "x", "D F", "t"]""", "a: 2 3", "x: 0 3 1 4 2 5")]
    [InlineData("""["a", "x", ""]""", "a:", "x: 0")]
    [InlineData("""["a", "x", "2*H*D", "rearrange (h two r) -> (h r two); two=2 h=H"]""", "a: 8", "x: 0 2 1 3 4 6 5 7")]
    [InlineData("""["a", "x", "3*H D", "rearrange (h three) D -> (three h) D; three=3 h=H"]""", "a: 6 2", "x: 0 1 6 7 2 3 8 9 4 5 10 11")]
    [InlineData("""["a", "x", "D F H", "rearrange a b c -> c (b a)"]""", "a: 2 3 2", "x: 0 6 2 8 4 10 1 7 3 9 5 11")]
    [InlineData("""["a", ["x", "y"], "D+F 2", "split 0 [D, F]"]""", "a: 5 2", "x: 0 1 2 3; y: 4 5 6 7 8 9")]
    [InlineData("""["a", ["x", "y"], "2 D+F", "split 1 [D, F]"]""", "a: 2 5", "x: 0 1 5 6; y: 2 3 4 7 8 9")]
    [InlineData("""["a", ["x", "y"], "2 D+F", ["split 1 [D, F]", "t"]]""", "a: 2 5", "x: 0 5 1 6; y: 2 7 3 8 4 9")]
    [InlineData("""[["a", "b"], "x", ["D 3", "F 3"], "concat 0"]""", "a: 2 3; b: 3 3", "x: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14")]
    [InlineData("""[["a", "b"], "x", ["2 D", "2 F"], ["concat 1"]]""", "a: 2 2; b: 2 3", "x: 0 1 4 5 6 2 3 7 8 9", true)]
    [InlineData("""[["a", "b"], "x", ["D 3", "F 3"], ["t", "concat 1"]]""", "a: 2 3; b: 3 3", "x: 0 3 6 9 12 1 4 7 10 13 2 5 8 11 14")]
    [InlineData("""["a.{e}", "x", "D F", { "op": "stack 0 {e}", "index": { "e": "E" } }]""", "a.0: 2 3; a.1: 2 3", "x: 0 1 2 3 4 5 6 7 8 9 10 11")]
    [InlineData("""["a.{e}", "x", "F", { "op": "stack 1 {e}", "index": { "e": "E" } }]""", "a.0: 3; a.1: 3", "x: 0 3 1 4 2 5")]
    [InlineData("""["a.{s:p,q}", "x", "F", "stack 0 {s}"]""", "a.p: 3; a.q: 3", "x: 0 1 2 3 4 5")]
    [InlineData("""["a.{e}", "x", "D F", { "op": ["t", "stack 0 {e}"], "index": { "e": "E" } }]""", "a.0: 2 3; a.1: 2 3", "x: 0 3 1 4 2 5 6 9 7 10 8 11")]
    [InlineData("""["a", "x.{e}", "E D F", { "op": ["unstack 0 {e}", "t"], "index": { "e": "E" } }]""", "a: 2 2 3", "x.0: 0 3 1 4 2 5; x.1: 6 9 7 10 8 11")]
    [InlineData("""["a", "x.{e}", "F E", { "op": "unstack 1 {e}", "index": { "e": "E" } }]""", "a: 3 2", "x.0: 0 2 4; x.1: 1 3 5")]
    [InlineData("""["a", "x", "V D", "pad 0 P"]""", "a: 3 2", "x: 0 1 2 3 4 5 0 0 0 0")]
    [InlineData("""["a", "x", "D V", ["t", "pad 0 P"]]""", "a: 2 3", "x: 0 3 1 4 2 5 0 0 0 0")]
    [InlineData("""["a", "x", "2 V", "pad 1 P"]""", "a: 2 3", "x: 0 1 2 0 0 3 4 5 0 0")]
    [InlineData("""["a", "x", "P D", "take 0 0:V pad zeros"]""", "a: 5 2", "x: 0 1 2 3 4 5", false)]
    [InlineData("""["a", "x", "P D", "take 0 D:P"]""", "a: 5 2", "x: 4 5 6 7 8 9", false)]
    [InlineData("""["a", "x", "D P", ["take 1 0:V", "t"]]""", "a: 2 5", "x: 0 5 1 6 2 7", false)]
    public void Moves_every_element_to_its_place_and_back(string rule, string sources, string expected, bool isBijection = true)
    {
        using MemorySource source = Source(sources);
        LoadPlan plan = Plan(rule, source);

        Dictionary<string, byte[]> filled = Transfers.Run(plan, source);
        string[] result = [.. plan.Rows.Where(row => row.Target != "k.0").Select(row => $"{row.Target}: {string.Join(' ', MemoryMarshal.Cast<byte, float>(filled[row.Target]).ToArray())}")];
        Assert.Equal(expected, string.Join("; ", result));
        if (isBijection)
        {
            AssertComesBack(plan, source, filled);
        }
    }

    [Fact]
    public void A_tensor_that_is_larger_than_a_panel_is_cut_and_still_whole()
    {
        using MemorySource source = new();
        source.Add("a", 3 * 4 * 32, 6000);
        LoadPlan plan = Plan("""["a", "x", "3*4*32 6000", "rearrange (h three d) c -> (three h d) c; three=3 h=4"]""", source);

        Dictionary<string, byte[]> filled = Transfers.Run(plan, source);

        float[] numbers = MemoryMarshal.Cast<byte, float>(filled["x"]).ToArray();
        for (int h = 0, at = 0; h < 4; h++)
        {
            for (int three = 0; three < 3; three++)
            {
                for (int d = 0; d < 32; d++, at++)
                {
                    int row = ((three * 4) + h) * 32 + d;
                    Assert.Equal(at * 6000, numbers[row * 6000]);
                    Assert.Equal(at * 6000 + 5999, numbers[row * 6000 + 5999]);
                }
            }
        }

        AssertComesBack(plan, source, filled);
    }

    [Fact]
    public void A_split_of_columns_reads_runs_alone_where_they_are_long()
    {
        using MemorySource source = new();
        source.Add("a", 3, 60000);
        LoadPlan plan = Plan("""["a", ["x", "y"], "3 60000", { "op": "split 1 [20000, 40000]" }]""", source);

        Dictionary<string, byte[]> filled = Transfers.Run(plan, source);

        float[] x = MemoryMarshal.Cast<byte, float>(filled["x"]).ToArray(), y = MemoryMarshal.Cast<byte, float>(filled["y"]).ToArray();
        Assert.Equal([0, 19999, 60000, 139999], [x[0], x[19999], x[20000], x[59999]]);
        Assert.Equal([20000, 59999, 80000, 179999], [y[0], y[39999], y[40000], y[119999]]);
        AssertComesBack(plan, source, filled);
    }

    [Fact]
    public void Pieces_of_several_types_meet_in_the_one_that_holds_them_all()
    {
        using MemorySource source = new();
        source.Add("a", DType.F16, MemoryMarshal.AsBytes<Half>([(Half)1.5, (Half)2]).ToArray(), 2);
        source.Add("b", DType.BF16, [0x80, 0x3F, 0x00, 0xC0], 2);

        PlanRow row = Plan("""[["a", "b"], "x", "D", "concat 0"]""", source).Find("x")!;
        Assert.Equal(DType.F32, row.DType);
        Assert.True(row.IsCast);
        Assert.False(row.IsLossy);
        Assert.Equal(8, row.BytesToRead);
        LoadPlan plan = Plan("""[["a", "b"], "x", "D", "concat 0"]""", source);
        Assert.Equal([1.5f, 2, 1, -2], MemoryMarshal.Cast<byte, float>(Transfers.Run(plan, source)["x"]).ToArray());
    }

    [Fact]
    public void A_cast_in_the_table_holds_where_no_type_is_asked_for()
    {
        using MemorySource source = new();
        source.Add("a", 2);
        const string Rule = """["a", "x", "D", { "cast": "bf16" }]""";

        PlanRow own = Plan(Rule, source).Find("x")!;
        Assert.Equal((DType.BF16, true), (own.DType, own.IsLossy));
        Assert.Equal(DType.F64, Plan(Rule, source, DType.F64).Find("x")!.DType);
    }

    [Fact]
    public void Every_way_converts_on_the_way()
    {
        using MemorySource source = new();
        source.Add("a", 130, 70).Add("b", 130, 30);
        LoadPlan plan = Plan("""[["a", "b"], "x", ["130 70", "130 30"], ["t", "concat 0"]]""", source, DType.F64);

        double[] x = MemoryMarshal.Cast<byte, double>(Transfers.Run(plan, source)["x"]).ToArray();

        Assert.Equal([0, 70, 1, 9100], [x[0], x[1], x[130], x[70 * 130]]);
    }

    /// <summary>Plans the same rule backwards, over what it has made, and expects the sources again.</summary>
    private static void AssertComesBack(LoadPlan plan, MemorySource source, Dictionary<string, byte[]> filled)
    {
        using MemorySource made = new();
        foreach (PlanRow row in plan.Rows)
        {
            made.Add(row.Target, row.DType, filled[row.Target], [.. row.Shape]);
        }

        foreach ((PlanRow first, int number) in plan.Rows.SelectMany(row => row.Sources.Select((_, i) => (row, i))).DistinctBy(pair => pair.row.Sources[pair.i].Name))
        {
            var original = first.Sources[number];
            PlanRow[] holding = [.. plan.Rows.Where(row => row.Sources.Contains(original))];
            PlanRow back = new(
                original.Name, original.Shape, [.. holding.Select(row => made.Tensors.Single(tensor => tensor.Name == row.Target))],
                first.Operation.Inverse, number, first.DType, original.ByteCount, first.Rule);
            using MemoryStream written = new();
            using Importer.Transfer.RowStream stream = new(made);
            stream.Write(back, written, default);
            Assert.True(source.Data(original.Name).AsSpan().SequenceEqual(written.ToArray()), $"{original.Name} by {back.Operation}");
        }
    }

    private static LoadPlan Plan(string rule, MemorySource source, DType? dtype = null)
    {
        string text = Tables.Text(map: """["k.{i}", "k.{i}", "1"], """ + rule, config: Symbols, has: "k.0");
        // What a table has left unused is another test's matter.
        WeightMapping mapping = WeightMapping.ParseBuiltIn(System.Text.Encoding.UTF8.GetBytes(text), "test.json");
        source = WithKey(source);
        return mapping.Compile(Gpt2Headers.ConfigOf(Config), source.Tensors, new PlanOptions { TargetDType = dtype });
    }

    private static MemorySource WithKey(MemorySource source) =>
        source.Tensors.Any(tensor => tensor.Name == "k.0") ? source : source.Add("k.0", DType.F32, new byte[4], 1);

    private static MemorySource Source(string text)
    {
        MemorySource source = new();
        foreach (string tensor in text.Split(';', StringSplitOptions.TrimEntries))
        {
            string[] parts = tensor.Split(':');
            source.Add(parts[0], [.. parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)]);
        }

        return source;
    }
}
