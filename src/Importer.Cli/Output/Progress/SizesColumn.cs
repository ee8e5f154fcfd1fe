using Spectre.Console;
using Spectre.Console.Rendering;

namespace Importer.Cli.Output.Progress;

/// <summary>How much of how much, in the units that all the other output has.</summary>
internal sealed class SizesColumn : ProgressColumn
{
    public const int Width = 19;

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(task.IsIndeterminate ? Units.Bytes((long)task.Value) : $"{Units.Bytes((long)task.Value)}/{Units.Bytes((long)task.MaxValue)}").RightJustified();

    public override int? GetColumnWidth(RenderOptions options) => Width;
}
