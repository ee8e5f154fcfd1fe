using System.Globalization;

namespace Importer.Training.Events;

/// <summary>
/// Compares what two runs have measured, to the bit: updates and evaluations, each of which must be there once, in order. Time, saves
/// and processes are not looked at: a run that was interrupted has others than one that was not.
/// </summary>
public static class MetricsComparer
{
    /// <summary>Everything that differs; empty for two runs that are the same.</summary>
    /// <param name="first">The one's lines, as <see cref="MetricsFile.Read"/> gives them.</param>
    /// <param name="second">The other's.</param>
    public static IReadOnlyList<MetricsDifference> Compare(IEnumerable<MetricsEntry> first, IEnumerable<MetricsEntry> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        List<MetricsDifference> differences = [];
        var one = Measured(first, differences, isFirst: true);
        var other = Measured(second, differences, isFirst: false);
        foreach (var (line, fields) in one)
        {
            if (!other.TryGetValue(line, out var others))
            {
                differences.Add(new MetricsDifference(line, null, "there", null));
                continue;
            }

            foreach (string name in fields.Keys.Union(others.Keys))
            {
                var (a, b) = (fields.GetValueOrDefault(name), others.GetValueOrDefault(name));
                if (a != b)
                {
                    differences.Add(new MetricsDifference(line, name, a, b));
                }
            }
        }

        differences.AddRange(other.Keys.Where(line => !one.ContainsKey(line)).Select(line => new MetricsDifference(line, null, null, "there")));
        return differences;
    }

    private static OrderedDictionary<string, Dictionary<string, string>> Measured(IEnumerable<MetricsEntry> entries, List<MetricsDifference> differences, bool isFirst)
    {
        var lines = new OrderedDictionary<string, Dictionary<string, string>>();
        long last = 0;
        foreach (var entry in entries)
        {
            var (name, fields) = entry switch
            {
                StepMetrics step => (Text($"step {step.Step}"), new Dictionary<string, string>
                {
                    ["loss"] = Text($"{step.Loss:R}"),
                    ["lr"] = Text($"{step.LearningRate:R}"),
                    ["grad_norm"] = Text($"{step.GradientNorm:R}"),
                    ["epoch"] = Text($"{step.Epoch:R}"),
                    ["tokens"] = Text($"{step.Tokens}"),
                }),
                EvaluationMetrics evaluation => (Text($"eval {evaluation.Step}"), evaluation.Losses
                    .Select(item => KeyValuePair.Create($"loss of {DisplayText.Escape(item.Name)}", Text($"{item.Loss:R}")))
                    .Append(KeyValuePair.Create("best", Text($"{evaluation.IsBest}"))).ToDictionary()),
                _ => ("", null),
            };
            if (fields is null)
            {
                continue;
            }

            if (!lines.TryAdd(name, fields))
            {
                Note(name, "twice");
            }
            else if (entry.Step < last)
            {
                Note(name, Text($"after step {last}"));
            }

            last = Math.Max(last, entry.Step);
        }

        return lines;

        void Note(string line, string what) => differences.Add(new MetricsDifference(line, "place", isFirst ? what : "", isFirst ? "" : what));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
