using System.Globalization;
using System.Text;
using Importer.Inspection.Comparison;
using SafeTensorSharp;

namespace Importer.Cli.Output;

/// <summary>A comparison for people: what differs, and then whether it does.</summary>
internal static class ComparisonText
{
    private const int NamesShown = 20;
    private const int LongestValue = 60;
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Render(CheckpointComparison comparison)
    {
        var text = new StringBuilder();
        text.AppendLine(Culture, $"A       {TerminalText.Line(comparison.A)}");
        text.AppendLine(Culture, $"B       {TerminalText.Line(comparison.B)}");
        text.AppendLine(comparison.Naming == ComparisonNaming.Stored ? "by      the names they are stored under" : "by      the model's parameters, in its layout");
        foreach (string note in comparison.Notes)
        {
            text.AppendLine(Culture, $"note    {TerminalText.Line(note)}");
        }

        foreach (var difference in comparison.Config)
        {
            text.AppendLine(Culture, $"config  {TerminalText.Line(difference.Field)}: {Value(difference.A)} | {Value(difference.B)}{(difference.Counts ? "" : "  (does not count)")}");
        }

        foreach (string tie in comparison.BrokenTies)
        {
            text.AppendLine(Culture, $"tie     {TerminalText.Line(tie)}");
        }

        Only(text, "only A", comparison.OnlyInA);
        Only(text, "only B", comparison.OnlyInB);
        Tensors(text, [.. comparison.Tensors.Where(tensor => !tensor.IsSame)]);
        int same = comparison.Tensors.Count(tensor => tensor.IsSame);
        string tolerance = comparison.Tolerance is { } limit ? string.Create(Culture, $" within {limit}") : ", bit for bit";
        text.AppendLine();
        text.AppendLine(Culture, $"{(comparison.IsSame ? "same" : "different")}: {same:N0} of {Units.Count(comparison.Tensors.Count, "tensor")} that both have are the same{tolerance}");
        return TerminalText.Lines(text.ToString());
    }

    private static void Only(StringBuilder text, string label, IReadOnlyList<NamedTensor> tensors)
    {
        foreach (var tensor in tensors.Take(NamesShown))
        {
            text.AppendLine(Culture, $"{label}  {TerminalText.Line(tensor.Name)}  {Describe(tensor.Tensor)}");
        }

        if (tensors.Count > NamesShown)
        {
            text.AppendLine(Culture, $"{label}  and {tensors.Count - NamesShown} more (--json lists them)");
        }
    }

    private static void Tensors(StringBuilder text, IReadOnlyList<TensorComparison> tensors)
    {
        if (tensors.Count == 0)
        {
            return;
        }

        text.AppendLine();
        string[][] lines =
        [
            ["tensor", "A", "B", "differ", "of", "largest", "at", "A there", "B there", "NaN"],
            .. tensors.Select(tensor => tensor.Elements is { } elements ? Row(tensor, elements) : [.. Start(tensor), "", "", "", "", "", "", ""]),
        ];
        foreach (string line in TextTable.Lines(lines, 3, 4, 5, 7, 8))
        {
            text.AppendLine(line);
        }
    }

    // Bits that differ where no value does: zeros of another sign, other NaN.
    private static string[] Row(TensorComparison tensor, ElementComparison elements) =>
    [
        .. Start(tensor),
        elements.DifferentValues > 0 || elements.DifferentBits is null
            ? elements.DifferentValues.ToString("N0", Culture)
            : string.Create(Culture, $"{elements.DifferentBits:N0} in bits"),
        elements.Count.ToString("N0", Culture), Number(elements.LargestDifference), elements.LargestAt is { } at ? $"[{string.Join(", ", at)}]" : "",
        Number(elements.ValueInA), Number(elements.ValueInB),
        elements.NaNsInA + elements.NaNsInB == 0 ? "" : string.Create(Culture, $"{elements.NaNsInA:N0} | {elements.NaNsInB:N0}"),
    ];

    private static string[] Start(TensorComparison tensor) => [TerminalText.Line(tensor.Name), Describe(tensor.A), Describe(tensor.B)];

    private static string Describe(ComparedTensor tensor) => $"{DTypes.Name(tensor.DType)} [{string.Join(", ", tensor.Shape)}]";

    private static string Number(double? value) => value?.ToString("G6", Culture) ?? "";

    private static string Value(string? json) => json is null ? "-" : TerminalText.Line(json.Length > LongestValue ? json[..LongestValue] + "\u2026" : json);
}
