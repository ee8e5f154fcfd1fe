using Spectre.Console;
using Spectre.Console.Rendering;

namespace Importer.Cli.Output.Progress;

/// <summary>The time left: 0:07, 1:02:03.</summary>
internal sealed class TimeLeftColumn : ProgressColumn
{
    public const int Width = 8;

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(Transfer.Of(task).Left is { TotalDays: < 1 } left && !task.IsFinished ? Clock(left) : "").RightJustified();

    public override int? GetColumnWidth(RenderOptions options) => Width;

    private static string Clock(TimeSpan time) => time.ToString(time.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", System.Globalization.CultureInfo.InvariantCulture);
}
