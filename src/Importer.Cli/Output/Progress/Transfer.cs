using Spectre.Console;

namespace Importer.Cli.Output.Progress;

/// <summary>How fast a task's bytes move and when they are all there, where that is known better than from its bar's history.</summary>
/// <param name="IsKnown">Whether it is; false is the default.</param>
/// <param name="BytesPerSecond">The rate.</param>
/// <param name="Left">The time left; null while it cannot be told.</param>
internal readonly record struct Transfer(bool IsKnown, double BytesPerSecond, TimeSpan? Left)
{
    private const string Key = "transfer";

    /// <summary>What is known of a task: what was set, else what the bar has seen.</summary>
    public static Transfer Of(ProgressTask task) =>
        task.State.Get<Transfer>(Key) is { IsKnown: true } known ? known : new Transfer(false, task.Speed ?? 0, task.RemainingTime);

    /// <summary>Keeps it with a task.</summary>
    public void Set(ProgressTask task)
    {
        var value = this;
        task.State.Update<Transfer>(Key, _ => value);
    }
}
