using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Importer.Training.Events;

/// <summary>Panels as a page: the same shapes, a script that shows values, and a table of what was reached.</summary>
internal static class HtmlPlot
{
    // Everything that could end the script element or begin another is escaped: <, >, &, quotes and all that is not ASCII.
    private static readonly JsonSerializerOptions Escaping = new() { Encoder = JavaScriptEncoder.Default };

    public static string Document(IReadOnlyList<PlotRun> runs, IReadOnlyList<PlotPanel> panels)
    {
        string style = SvgPlot.Style + Resource("plot.css"), script = Resource("plot.js");
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{Hash(style)}'; script-src 'sha256-{Hash(script)}'; base-uri 'none'; form-action 'none'">
            <title>Training: {PlotText.Escape(PlotText.Name(runs[0].Name))}</title>
            <style>{style}</style>
            </head>
            <body class="plot">
            <main>
            <h1>Training</h1>
            <table>
            <caption>What was reached</caption>
            <thead><tr><th scope="col">run</th><th scope="col">updates</th><th scope="col">training loss, running mean</th><th scope="col">lowest validation loss</th><th scope="col">at update</th><th scope="col">last validation loss</th><th scope="col">losses that are no numbers</th></tr></thead>
            <tbody>

            """);
        for (int i = 0; i < runs.Count; i++)
        {
            Row(page, runs[i], i);
        }

        page.Append("</tbody>\n</table>\n<p class=\"hint\">Point at a panel, or reach it with Tab and move with the arrow keys, to read values.</p>\n");
        for (int i = 0; i < panels.Count; i++)
        {
            page.Append(CultureInfo.InvariantCulture, $"<figure><svg class=\"plot\" data-panel=\"{i}\" tabindex=\"0\" role=\"img\" aria-label=\"{PlotText.Escape(panels[i].Title)}. {PlotText.Escape(SvgPlot.Describe(runs))}\" viewBox=\"0 0 {PlotPanel.Width} {PlotPanel.Height}\">\n");
            page.Append(SvgPlot.Panel(panels[i])).Append("<path class=\"guide\" d=\"\"/></svg><figcaption role=\"status\"></figcaption></figure>\n");
        }

        return page.Append(CultureInfo.InvariantCulture, $"</main>\n<script type=\"application/json\" id=\"data\">{Data(runs, panels)}</script>\n<script>{script}</script>\n</body>\n</html>\n").ToString();
    }

    private static void Row(StringBuilder page, PlotRun run, int number)
    {
        PlotPoint? best = run.ValidationLoss.Count > 0 ? run.ValidationLoss.MinBy(point => point.Value) : null;
        page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\"><svg class=\"key\" viewBox=\"0 0 24 8\" aria-hidden=\"true\"><path class=\"curve {SvgPlot.ColourOf(number)}\" d=\"M0 4h24\"/></svg> {PlotText.Escape(PlotText.Name(run.Name))}</th>");
        foreach (string cell in new[]
        {
            PlotText.Value(run.LastStep), Last(run.TrainLoss), best is { } lowest ? PlotText.Value(lowest.Value) : "–", best is { } at ? PlotText.Value(at.Step) : "–",
            Last(run.ValidationLoss), PlotText.Value(run.NotFinite),
        })
        {
            page.Append("<td>").Append(cell).Append("</td>");
        }

        page.Append("</tr>\n");
    }

    private static string Last(IReadOnlyList<PlotPoint> points) => points.Count > 0 ? PlotText.Value(points[^1].Value) : "–";

    private static string Data(IReadOnlyList<PlotRun> runs, IReadOnlyList<PlotPanel> panels) => new JsonObject
    {
        ["left"] = PlotPanel.Left,
        ["right"] = PlotPanel.Width - PlotPanel.Right,
        ["top"] = PlotPanel.Top,
        ["bottom"] = PlotPanel.Height - PlotPanel.Bottom,
        ["panels"] = new JsonArray([.. panels.Select(panel => new JsonObject
        {
            ["min"] = panel.MinX,
            ["max"] = panel.MaxX,
            ["curves"] = new JsonArray([.. panel.Curves.Select(curve => new JsonObject
            {
                ["name"] = runs.Count > 1 ? $"{DisplayText.Escape(PlotText.Name(runs[curve.Run].Name))}, {curve.Name}" : curve.Name,
                ["steps"] = new JsonArray([.. curve.Points.Select(point => (JsonNode)point.Step)]),
                ["texts"] = new JsonArray([.. curve.Points.Select(point => (JsonNode)PlotText.Value(point.Value))]),
            })]),
        })]),
    }.ToJsonString(Escaping);

    // The browser runs this script and no other, whatever a run may be called.
    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"plot/{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
