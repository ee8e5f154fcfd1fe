using System.Globalization;
using System.Text;

namespace Importer.Training.Events;

/// <summary>Panels as SVG: shapes and text, and no script.</summary>
internal static class SvgPlot
{
    // Okabe and Ito's colours, which people with any colour vision can tell apart, darker or lighter for their ground. No variables:
    // viewers other than browsers do not know them.
    public const string Style = """
        .plot{font:13px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
        .plot .ground,.plot .mark{fill:#fff}.plot text{fill:#57606a}.plot .title{fill:#1b1f24;font-weight:600}.plot .grid{stroke:#d8dde3}
        .plot .r0{stroke:#0072b2}.plot .r1{stroke:#b34700}.plot .r2{stroke:#00795a}.plot .r3{stroke:#a3407e}.plot .r4{stroke:#8a6500}.plot .r5{stroke:#1b1f24}
        .plot .curve{fill:none;stroke-width:1.8;stroke-linejoin:round}.plot .marked{stroke-dasharray:3 3;stroke-width:1.2}.plot .mark{stroke-width:1.8}
        .plot .y{text-anchor:end}.plot .x{text-anchor:middle}
        @media (prefers-color-scheme:dark){
        .plot .ground,.plot .mark{fill:#1c2125}.plot text{fill:#9ba6b0}.plot .title{fill:#e6e9ec}.plot .grid{stroke:#343b42}
        .plot .r0{stroke:#56b4e9}.plot .r1{stroke:#ff9a4d}.plot .r2{stroke:#3ecfa4}.plot .r3{stroke:#e59bc6}.plot .r4{stroke:#f0e442}.plot .r5{stroke:#e6e9ec}
        }

        """;

    private const int Colours = 6;
    private const double LegendLine = 20;

    /// <summary>The colour class of a run.</summary>
    public static string ColourOf(int run) => string.Create(CultureInfo.InvariantCulture, $"r{run % Colours}");

    /// <summary>A whole picture.</summary>
    public static string Document(IReadOnlyList<PlotRun> runs, IReadOnlyList<PlotPanel> panels)
    {
        double legend = LegendLine * runs.Count + 16, height = panels.Count * PlotPanel.Height + legend;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" aria-labelledby=\"title description\" viewBox=\"0 0 {PlotText.Place(PlotPanel.Width)} {PlotText.Place(height)}\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title id=\"title\">Training: loss, learning rate and speed</title>\n<desc id=\"description\">{PlotText.Escape(Describe(runs))}</desc>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<style>{Style}</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
        for (int i = 0; i < runs.Count; i++)
        {
            double y = 18 + i * LegendLine;
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"curve {ColourOf(i)}\" d=\"M{PlotPanel.Left} {PlotText.Place(y)}h24\"/><text x=\"{PlotPanel.Left + 32}\" y=\"{PlotText.Place(y + 4)}\">{PlotText.Escape(PlotText.Name(runs[i].Name))}</text>\n");
        }

        for (int i = 0; i < panels.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate(0 {PlotText.Place(legend + i * PlotPanel.Height)})\">\n{Panel(panels[i])}</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>What is in a panel.</summary>
    public static string Panel(PlotPanel panel)
    {
        var svg = new StringBuilder();
        double bottom = PlotPanel.Height - PlotPanel.Bottom, right = PlotPanel.Width - PlotPanel.Right;
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"title\" x=\"{PlotPanel.Left}\" y=\"20\">{PlotText.Escape(panel.Title)}</text>\n");
        if (panel.IsEmpty)
        {
            return svg.Append(CultureInfo.InvariantCulture, $"<text class=\"x\" x=\"{(PlotPanel.Left + right) / 2}\" y=\"{PlotPanel.Height / 2}\">nothing was measured</text>\n").ToString();
        }

        foreach (double tick in panel.YTicks)
        {
            string y = PlotText.Place(panel.Y(tick));
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{PlotPanel.Left} {y}H{right}\"/><text class=\"y\" x=\"{PlotPanel.Left - 8}\" y=\"{PlotText.Place(panel.Y(tick) + 4)}\">{PlotText.Value(tick)}</text>\n");
        }

        foreach (double tick in panel.XTicks)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"x\" x=\"{PlotText.Place(panel.X(tick))}\" y=\"{bottom + 20}\">{PlotText.Value(tick)}</text>\n");
        }

        foreach (var curve in panel.Curves.Where(curve => curve.Points.Count > 0))
        {
            Curve(svg, panel, curve);
        }

        return svg.ToString();
    }

    /// <summary>The runs in words, for those who do not see them.</summary>
    public static string Describe(IReadOnlyList<PlotRun> runs) => string.Join(" ", runs.Select(run =>
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{PlotText.Name(run.Name)}: {run.LastStep} updates");
        text += run.TrainLoss.Count > 0 ? $", training loss {PlotText.Value(run.TrainLoss[0].Value)} to {PlotText.Value(run.TrainLoss[^1].Value)}" : "";
        return text + (run.ValidationLoss.Count > 0 ? $", lowest validation loss {PlotText.Value(run.ValidationLoss.Min(point => point.Value))}." : ".");
    }));

    private static void Curve(StringBuilder svg, PlotPanel panel, PlotCurve curve)
    {
        string colour = ColourOf(curve.Run);
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"curve {colour}{(curve.HasMarks ? " marked" : "")}\" d=\"");
        for (int i = 0; i < curve.Points.Count; i++)
        {
            svg.Append(i == 0 ? 'M' : 'L').Append(PlotText.Place(panel.X(curve.Points[i].Step))).Append(' ').Append(PlotText.Place(panel.Y(curve.Points[i].Value)));
        }

        svg.Append("\"/>\n");
        // A line of one point is none.
        if (curve.HasMarks || curve.Points.Count == 1)
        {
            foreach (var point in curve.Points)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"mark {colour}\" cx=\"{PlotText.Place(panel.X(point.Step))}\" cy=\"{PlotText.Place(panel.Y(point.Value))}\" r=\"3\"/>\n");
            }
        }
    }
}
