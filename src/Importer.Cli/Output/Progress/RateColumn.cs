using Spectre.Console;
using Spectre.Console.Rendering;

namespace Importer.Cli.Output.Progress;

/// <summary>Bytes per second.</summary>
internal sealed class RateColumn : ProgressColumn
{
    public const int Width = 10;

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(Transfer.Of(task).BytesPerSecond is > 0 and var rate ? $"{Units.Bytes((long)rate)}/s" : "").RightJustified();

    public override int? GetColumnWidth(RenderOptions options) => Width;
}
