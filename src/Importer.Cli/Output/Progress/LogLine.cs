using Spectre.Console;
using Spectre.Console.Rendering;

namespace Importer.Cli.Output.Progress;

/// <summary>A line that takes the place of the bars' first one; the bars, which are drawn anew below it, must leave nothing behind.</summary>
internal sealed class LogLine(string text) : Renderable
{
    private const string EraseBelow = "\u001b[0J";

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
        [Segment.Control(EraseBelow), .. ((IRenderable)new Text(text)).Render(options, maxWidth), Segment.LineBreak];
}
