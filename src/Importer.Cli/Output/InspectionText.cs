using System.Globalization;
using System.Text;
using System.Text.Json;
using Importer.Inspection;
using Importer.Mapping;
using SafeTensorSharp;

namespace Importer.Cli.Output;

/// <summary>An inspection for people: what it is, how its bytes are spread, its tensors, and what an import would do.</summary>
internal static class InspectionText
{
    private const int LongestValue = 60;
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Render(CheckpointInspection inspection)
    {
        var text = new StringBuilder();
        Head(text, inspection);
        Config(text, inspection);
        Groups(text, "dtype", inspection.DTypes.Select(group => (group, 1)), inspection.Bytes);
        Groups(text, "layer", Collapse(inspection.Layers), inspection.Bytes);
        text.AppendLine();
        foreach (string line in TextTable.Lines([.. Tensors(inspection)], IsMeasured(inspection) ? [3, 5, 6, 7, 8, 9, 10] : [3]))
        {
            text.AppendLine(line);
        }

        Fates(text, inspection);
        return TerminalText.Lines(text.ToString());
    }

    private static void Head(StringBuilder text, CheckpointInspection inspection)
    {
        string files = inspection.Files.Count == 1 ? inspection.Files[0].Name : Units.Count(inspection.Files.Count, "file");
        text.AppendLine(Culture, $"{TerminalText.Line(inspection.Source)}{(inspection.Commit is null ? "" : $" at {inspection.Commit}")}");
        text.AppendLine(Culture, $"  format    {inspection.Container}: {TerminalText.Line(files)}, {Units.Bytes(inspection.Files.Sum(file => file.Size))}; {Units.Bytes(inspection.HeaderBytes)} of headers");
        text.AppendLine(Culture, $"  model     {inspection.ModelClass ?? "none of ours"}, {inspection.Parameters:N0} parameters in {Units.Count(inspection.Tensors.Count, "tensor")}, {Units.Bytes(inspection.Bytes)}");
        text.AppendLine(Culture, $"  mapping   {(inspection.Mapping is null ? "none" : $"{inspection.Mapping.Name} {inspection.Mapping.Version}")}{(inspection.Plan is { } plan ? $", prefix '{plan.Prefix}'" : "")}");
        foreach (string problem in inspection.Problems)
        {
            text.AppendLine(Culture, $"  problem   {TerminalText.Line(problem)}");
        }

        foreach (var tensor in inspection.Tensors.Where(tensor => tensor.Problem is not null))
        {
            text.AppendLine(Culture, $"  damaged   {TerminalText.Line(tensor.Tensor.Name)}: {TerminalText.Line(tensor.Problem!)}");
        }

        foreach (string warning in inspection.Warnings)
        {
            text.AppendLine(Culture, $"  warning   {TerminalText.Line(warning)}");
        }
    }

    private static void Config(StringBuilder text, CheckpointInspection inspection)
    {
        if (inspection.Config is not { } config)
        {
            return;
        }

        text.AppendLine().AppendLine(inspection.ConfigSource);
        foreach (var property in config.EnumerateObject())
        {
            string value = Text(property.Value);
            text.AppendLine(Culture, $"  {TerminalText.Line(property.Name)}: {TerminalText.Line(value.Length > LongestValue ? value[..LongestValue] + "\u2026" : value)}");
        }
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return JsonSerializer.Serialize(value);
        }
        catch (JsonException)
        {
            return value.GetRawText(); // half of a surrogate pair is in it
        }
    }

    private static void Groups(StringBuilder text, string name, IEnumerable<(TensorGroup Group, int Count)> groups, long total)
    {
        text.AppendLine();
        string[][] lines =
        [
            [name, "tensors", "elements", "bytes", "share", ""],
            .. groups.Select(entry => new[]
            {
                TerminalText.Line(entry.Group.Name), entry.Group.Tensors.ToString("N0", Culture), entry.Group.Elements.ToString("N0", Culture),
                Units.Bytes(entry.Group.Bytes), total == 0 ? "" : string.Create(Culture, $"{100.0 * entry.Group.Bytes / total:0.0} %"),
                entry.Count == 1 ? "" : string.Create(Culture, $"each of {entry.Count}"),
            }),
        ];
        foreach (string line in TextTable.Lines(lines, 1, 2, 3, 4))
        {
            text.AppendLine(line);
        }
    }

    // Forty-eight layers that are alike are one line.
    private static IEnumerable<(TensorGroup Group, int Count)> Collapse(IReadOnlyList<TensorGroup> layers)
    {
        for (int i = 0; i < layers.Count;)
        {
            int count = layers.Skip(i).TakeWhile(layer =>
                PlanText.Collapse(layer.Name) == PlanText.Collapse(layers[i].Name) && layer with { Name = "" } == layers[i] with { Name = "" }).Count();
            yield return (count == 1 ? layers[i] : layers[i] with { Name = PlanText.Collapse(layers[i].Name) }, count);
            i += count;
        }
    }

    private static IEnumerable<string[]> Tensors(CheckpointInspection inspection)
    {
        bool each = IsMeasured(inspection);
        yield return each
            ? ["tensor", "dtype", "shape", "bytes", "becomes", "min", "max", "mean", "std", "NaN", "Inf"]
            : ["tensor", "dtype", "shape", "bytes", "becomes", "count"];
        foreach (var same in inspection.Tensors.GroupBy(tensor => each
            ? tensor.Tensor.Name
            : string.Join('\n', PlanText.Collapse(tensor.Tensor.Name), tensor.Tensor.DType, string.Join(',', tensor.Tensor.Shape), tensor.Fate, tensor.Operation)))
        {
            var tensor = same.First();
            string[] start =
            [
                TerminalText.Line(each ? tensor.Tensor.Name : PlanText.Collapse(tensor.Tensor.Name)), DTypes.Name(tensor.Tensor.DType),
                $"[{string.Join(", ", tensor.Tensor.Shape)}]", Units.Bytes(same.Sum(one => one.Tensor.ByteCount)), Becomes(tensor, each),
            ];
            yield return each
                ? [.. start, .. Statistics(tensor)]
                : [.. start, same.Count() == 1 ? "" : string.Create(Culture, $"x {same.Count()}")];
        }
    }

    private static bool IsMeasured(CheckpointInspection inspection) => inspection.Tensors.Any(tensor => tensor.Statistics is not null || tensor.Problem is not null);

    private static string Becomes(InspectedTensor tensor, bool each)
    {
        string targets = string.Join(" + ", tensor.Parameters.Select(name => each ? name : PlanText.Collapse(name)).Distinct());
        return tensor.Fate switch
        {
            null => "",
            TensorFate.Loaded => targets + (tensor.Operation.Length == 0 ? "" : $" ({tensor.Operation})")
                + (tensor.ConvertedTo is { } dtype ? $" as {DTypes.Name(dtype)}" : ""),
            TensorFate.Tied => $"tied: {targets}",
            var fate => fate.ToString()!.ToLowerInvariant(),
        };
    }

    private static string[] Statistics(InspectedTensor tensor) => tensor.Statistics is { } s
        ?
        [
            Number(s.Min), Number(s.Max), Number(s.Mean), Number(s.StandardDeviation), s.NaNs.ToString("N0", Culture),
            (s.PositiveInfinities + s.NegativeInfinities).ToString("N0", Culture),
        ]
        : ["", "", "", "", "", ""];

    private static string Number(double? value) => value?.ToString("G5", Culture) ?? "";

    private static void Fates(StringBuilder text, CheckpointInspection inspection)
    {
        text.AppendLine();
        foreach (var tie in inspection.Plan?.Ties ?? [])
        {
            string how = tie.Check is not null ? "; the stored copy must equal it" : tie.StoredAs is null ? "; it is not stored a second time" : "; both names are the same bytes";
            text.AppendLine(Culture, $"tied       {tie.Target} is {tie.To}{how}");
        }

        foreach (var dropped in (inspection.Plan?.Dropped ?? []).GroupBy(dropped => (Name: PlanText.Collapse(dropped.Source.Name), dropped.Reason, dropped.Content)))
        {
            string again = dropped.Key.Content == DropContent.Unspecified ? "" : "; its content is known, an export can generate it again";
            text.AppendLine(
                Culture, $"dropped    {dropped.Key.Name} ({Units.Count(dropped.Count(), "tensor")}, {Units.Bytes(dropped.Sum(d => d.Source.ByteCount))}): {dropped.Key.Reason}{again}");
        }

        foreach (var cast in (inspection.Plan?.Rows ?? []).Where(row => row.IsCast).GroupBy(row => (From: row.Source.DType, To: row.DType, row.IsLossy)))
        {
            text.AppendLine(
                Culture,
                $"converted  {Units.Count(cast.Count(), "tensor")} from {DTypes.Name(cast.Key.From)} to {DTypes.Name(cast.Key.To)}{(cast.Key.IsLossy ? ", which loses digits" : ", exactly")}");
        }

        foreach (var row in (inspection.Plan?.Rows ?? []).Where(row => row.IsPadded))
        {
            text.AppendLine(Culture, $"generated  zeros in {row.Target} where no tensor fills it");
        }
    }
}
