using System.Text;
using Importer.Training.Events;
using Tests.Shared;

namespace Importer.Training.Tests.Events;

public sealed class MetricsFileTests : IDisposable
{
    private static readonly MetricsTiming Timing = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 1.5, 0.25, 100);
    private readonly TemporaryDirectory _directory = new();

    private string File_ => _directory[MetricsFile.FileName];

    public void Dispose() => _directory.Dispose();

    private static StepMetrics Step(long step, double loss = 2) => new(step, loss, 6e-4, 1, 0.5, step * 10, Timing);

    private static string Line(MetricsEntry entry) => Encoding.UTF8.GetString(MetricsJson.ToUtf8(entry));

    private void Write(params string[] lines) => File.WriteAllText(File_, string.Concat(lines));

    [Fact]
    public void Every_kind_is_read_as_it_was_written_to_the_bit()
    {
        MetricsEntry[] entries =
        [
            new RunMetrics(0, "start", 12, null, Timing with { Seconds = null, TokensPerSecond = null }),
            Step(1, 0.1 + 0.2), Step(2, double.NaN), Step(3, double.PositiveInfinity), Step(4, double.NegativeInfinity), Step(5, double.Epsilon),
            new SaveMetrics(5, "step-00000005-\"<\u001b[31m", 123, Timing), new SaveMetrics(5, "x", null, Timing),
            new RunMetrics(5, "end", 12, "interrupted", Timing),
        ];
        Write([.. entries.Select(Line)]);
        Assert.Equal(entries, MetricsFile.Read(_directory.Path));

        Write(Line(new EvaluationMetrics(4, [("train", 1.5), ("val", double.NaN)], true, Timing)));
        var evaluation = Assert.IsType<EvaluationMetrics>(Assert.Single(MetricsFile.Read(File_)));
        Assert.Equal([("train", 1.5), ("val", double.NaN)], evaluation.Losses);
        Assert.Equal((true, 4, Timing), (evaluation.IsBest, evaluation.Step, evaluation.Timing));
    }

    [Fact]
    public void Half_a_line_at_the_end_and_kinds_of_later_versions_are_left_out()
    {
        Write(Line(Step(1)), "{\"kind\":\"later\",\"what\":[1]}\n", Line(Step(2))[..30]);
        Assert.Equal(1, Assert.Single(MetricsFile.Read(File_)).Step);
        Write("");
        Assert.Empty(MetricsFile.Read(File_));
    }

    [Theory]
    [InlineData("", "valid JSON")]
    [InlineData("nothing", "valid JSON")]
    [InlineData("[1]", "no object")]
    [InlineData("{}", "no kind")]
    [InlineData("{\"kind\":1}", "kind is not a text")]
    [InlineData("{\"kind\":\"step\",\"step\":-1}", "step is not a count")]
    [InlineData("{\"kind\":\"step\",\"step\":1.5}", "step is not a count")]
    [InlineData("{\"kind\":\"step\",\"step\":1,\"step\":2}", "valid JSON")]
    [InlineData("{\"kind\":\"step\",\"step\":1,\"loss\":\"small\"}", "loss is not a number")]
    [InlineData("{\"kind\":\"step\",\"step\":1,\"loss\":1e999}", "loss is not a number")]
    [InlineData("{\"kind\":\"eval\",\"step\":1,\"losses\":{}}", "losses is not")]
    [InlineData("{\"kind\":\"eval\",\"step\":1,\"losses\":{\"a\\u001b\":true}}", "\\u001b")]
    [InlineData("{\"kind\":\"save\",\"step\":1,\"id\":\"\\ud800\"}", "valid JSON")]
    [InlineData("{\"kind\":\"run\",\"event\":\"start\",\"step\":0,\"total_steps\":1,\"timing\":{\"at\":\"today\",\"elapsed\":1}}", "at is not a time")]
    [InlineData("{\"kind\":\"step\",\"a\":[[[[[[[[[[1]]]]]]]]]]}", "valid JSON")]
    public void A_broken_line_is_named_and_the_others_with_it(string line, string expected)
    {
        Write(Line(Step(1)), line, "\n", Line(Step(2)), "{\n");
        var error = Assert.Throws<MetricsFormatException>(() => MetricsFile.Read(File_));
        Assert.Equal([2, 4], error.Problems.Select(problem => problem.Line));
        Assert.Equal(Line(Step(1)).Length, error.Problems[0].Offset);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error.Message);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_lines_and_many_are_refused_without_being_held()
    {
        Write(Line(Step(1)), new string('x', 1 << 20), "\n", Line(Step(2)));
        Assert.Equal(2, Assert.Single(Assert.Throws<MetricsFormatException>(() => MetricsFile.Read(File_)).Problems).Line);

        Write([.. Enumerable.Range(1, 50).Select(i => Line(Step(i)))]);
        Assert.Equal(50, MetricsFile.Read(File_, new() { MaxLines = 50 }).Count);
        Assert.Throws<MetricsFormatException>(() => MetricsFile.Read(File_, new() { MaxLines = 49 }));
        int length = Line(Step(50)).Length;
        Assert.Equal(50, MetricsFile.Read(File_, new() { MaxLineBytes = length - 1 }).Count);
        Assert.Throws<MetricsFormatException>(() => MetricsFile.Read(File_, new() { MaxLineBytes = length - 2 }));

        Write([.. Enumerable.Repeat("x\n", 5000)]);
        Assert.InRange(Assert.Throws<MetricsFormatException>(() => MetricsFile.Read(File_)).Problems.Count, 1000, 1001);
    }

    [Fact]
    public void Lines_over_the_buffer_s_edge_are_whole()
    {
        var entries = Enumerable.Range(1, 3000).Select(i => Step(i, 1.0 / i)).ToArray();
        Write([.. entries.Select(Line)]);
        Assert.True(new FileInfo(File_).Length > 3 * 65536);
        Assert.Equal<MetricsEntry>(entries, MetricsFile.Read(File_));
    }

    [Fact]
    public void Runs_are_compared_to_the_bit_and_without_their_clocks()
    {
        MetricsEntry[] first = [Step(1), Step(2), new EvaluationMetrics(2, [("val", 1)], true, Timing)];
        Assert.Empty(MetricsComparer.Compare(first, first.Select(entry => entry with { Timing = Timing with { Elapsed = 9 } }).Append(new SaveMetrics(2, "x", 1, Timing))));
        Assert.Equal("step 2 loss: 2 and 2.0000000000000004", Assert.Single(MetricsComparer.Compare(first, [first[0], Step(2, Math.BitIncrement(2)), first[2]])).ToString());
        Assert.Equal("step 2: there and missing", Assert.Single(MetricsComparer.Compare(first, [first[0], first[2]])).ToString());
        Assert.Contains("twice", Assert.Single(MetricsComparer.Compare(first, [first[0], .. first])).ToString(), StringComparison.Ordinal);
        Assert.Contains("after step 2", Assert.Single(MetricsComparer.Compare(first, [first[1], first[0], first[2]])).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_disk_does_not_take_is_written_later_in_its_place_and_is_in_checkpoints_meanwhile()
    {
        List<IOException> failures = [];
        bool isFull = false;
        using (var lines = new LineAppender(File_, 0, failures.Add, (handle, bytes, offset) =>
        {
            // As a full disk does it: half of the line is there.
            RandomAccess.Write(handle, isFull ? bytes.AsSpan(0, bytes.Length / 2) : bytes, offset);
            if (isFull)
            {
                throw new IOException("No space left on device");
            }
        }))
        {
            lines.Append(MetricsJson.ToUtf8(Step(1)));
            isFull = true;
            lines.Append(MetricsJson.ToUtf8(Step(2)));
            lines.Append(MetricsJson.ToUtf8(Step(3)));
            Assert.Equal(2, failures.Count);
            Assert.Equal(Line(Step(1)), File.ReadAllText(File_));

            // A process that dies here and goes on from a checkpoint of step 3 has all of them.
            var mark = MetricsMark.Parse(System.Text.Json.Nodes.JsonNode.Parse(new MetricsMark(lines.Length, lines.Unwritten).ToJson().ToJsonString()));
            var recovery = MetricsRecovery.Find(File_, 3, mark);
            Assert.True(recovery.IsWhole);
            Assert.Equal(Line(Step(1)).Length, recovery.Length);
            Assert.Equal([Line(Step(2)), Line(Step(3))], recovery.Again.Select(Encoding.UTF8.GetString));

            isFull = false;
            lines.Append(MetricsJson.ToUtf8(Step(4)));
            Assert.Empty(lines.Unwritten);
        }

        Assert.Equal([1, 2, 3, 4], MetricsFile.Read(File_).Select(entry => entry.Step));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"length\":-1,\"unwritten\":[]}")]
    [InlineData("{\"length\":\"1\",\"unwritten\":[]}")]
    [InlineData("{\"length\":1,\"unwritten\":[1]}")]
    [InlineData("{\"length\":1,\"unwritten\":[null]}")]
    [InlineData("{\"length\":1,\"unwritten\":[\"no end\"]}")]
    public void What_is_no_mark_is_none(string json) => Assert.Null(MetricsMark.Parse(System.Text.Json.Nodes.JsonNode.Parse(json)));
}
