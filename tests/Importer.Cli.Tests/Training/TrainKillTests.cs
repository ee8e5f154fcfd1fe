using CheckpointStorage.IO;
using Importer.Training.Checkpoints;

namespace Importer.Cli.Tests.Training;

/// <summary>
/// kill -9 at every named place and at any moment: the same command, started again until it is done, ends with the weights, the moments and
/// the metrics of the run that nobody interrupted. A few here, all of them in the long set.
/// </summary>
public sealed class TrainKillTests(TrainLab lab) : IClassFixture<TrainLab>
{
    private const string Background = "--async_save";
    private static readonly bool IsNightly = Environment.GetEnvironmentVariable("NIGHTLY") == "1";

    // Where a run may be when it is killed at its next save: before its first, in the middle, before its last.
    private static readonly (string Name, int Saves)[] Beginnings = [("first", 0), ("third", 2), ("last", TrainLab.Updates / TrainLab.Interval - 1)];

    // What no run reaches that has nothing to go on from, or nothing to remove.
    private static readonly string[] OfResuming = [CrashPoint.DuringBackup, TrainingCrashPoint.DuringLoad];

    public static TheoryData<string, string, bool> Places
    {
        get
        {
            TheoryData<string, string, bool> data = [];
            if (!IsNightly)
            {
                data.Add(CrashPoint.MidFile, "first", false);
                data.Add(CrashPoint.AfterParentFlush, "third", true);
                data.Add(CrashPoint.MidRotation, "last", false);
                data.Add(CrashPoint.BeforeRotation, "last", false); // nothing is saved any more
                data.Add(TrainingCrashPoint.DuringLoad, "third", false);
                data.Add(TrainingCrashPoint.MidAccumulation, "first", true);
                return data;
            }

            foreach (string place in CrashPoint.OfSaving.Concat(TrainingCrashPoint.All).Append(CrashPoint.DuringBackup))
            {
                foreach (var (name, saves) in Beginnings.Where(beginning => beginning.Saves > 0 || !OfResuming.Contains(place)))
                {
                    data.Add(place, name, false);
                    data.Add(place, name, true);
                }
            }

            return data;
        }
    }

    public static TheoryData<int> Trials => [.. Enumerable.Range(0, IsNightly ? 50 : 2)];

    [SkippableTheory]
    [MemberData(nameof(Places))]
    public async Task Killed_at_a_named_place_of_a_save_it_ends_as_if_it_never_was(string place, string save, bool background)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        string what = $"{place}, {save} save{(background ? ", in the background" : "")}";
        string directory = await BeginningAsync(Beginnings.First(beginning => beginning.Name == save).Saves, $"{place}-{save}-{background}");
        string[] more = background ? [Background] : [];
        var killed = await lab.KilledAtAsync(place, directory, more);
        Assert.True(killed.Code == TrainLab.Killed, $"{what} was not reached: {killed.Code} {killed.Error}");
        await lab.AssertEndsAsUninterruptedAsync(directory, what, more);
    }

    [SkippableTheory]
    [MemberData(nameof(Trials))]
    public async Task Killed_at_any_moment_again_and_again_it_ends_as_if_it_never_was(int trial)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        var random = new Random(trial);
        string directory = lab[$"trial-{trial}"], log = $"trial {trial}";
        string[] more = trial % 3 == 1 ? [Background] : [];
        var whole = (await lab.Uninterrupted).Duration;
        for (int kill = 0, kills = 1 + random.Next(3); kill < kills; kill++)
        {
            using var process = TrainLab.Start([], lab.Arguments(directory, more));
            var output = process.StandardOutput.ReadToEndAsync();
            TimeSpan moment;
            if (trial % 2 == 0)
            {
                moment = whole * random.NextDouble();
            }
            else
            {
                // Most of a run is not saving: here the moment is within a save, or just after one.
                int saves = 1 + random.Next(3);
                moment = TimeSpan.FromMilliseconds(80 * random.NextDouble());
                for (int i = 0; i < saves && await TrainLab.UntilLineAsync(process, line => line.StartsWith("saving checkpoint to", StringComparison.Ordinal)); i++)
                {
                }
            }

            var rest = process.StandardError.ReadToEndAsync();
            await Task.Delay(moment);
            process.Kill();
            await process.WaitForExitAsync();
            await Task.WhenAll(output, rest);
            log += $", {(trial % 2 == 0 ? "at" : "in a save, after")} {moment.TotalMilliseconds:0} ms ({process.ExitCode})";
        }

        await lab.AssertEndsAsUninterruptedAsync(directory, log, more);
    }

    // A run that was killed before its next save, as that many saves leave it.
    private async Task<string> BeginningAsync(int saves, string name)
    {
        if (saves == 0)
        {
            return lab[name];
        }

        string template = lab[$"template-{saves}"];
        if (!Directory.Exists(template))
        {
            var killed = await lab.KilledAtAsync($"{CrashPoint.BeforeTemporary}:{saves + 1}", template);
            Assert.True(killed.Code == TrainLab.Killed, killed.Error);
        }

        return lab.Copy(template, name);
    }
}
