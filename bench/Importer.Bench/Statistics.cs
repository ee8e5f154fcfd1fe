using System.Diagnostics;

namespace Importer.Bench;

/// <summary>Timing for a noisy machine: what is compared takes turns, and medians are compared.</summary>
internal static class Statistics
{
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The processor time that an action takes, all threads together: what others do on the machine does not count.</summary>
    public static double ProcessorSeconds(Action action)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    /// <summary>
    /// Runs every action in turn, <paramref name="rounds"/> times after one round that does not count; each twice, and the second counts:
    /// on machines that give freed memory back, whoever comes next pays for having it anew.
    /// </summary>
    /// <returns>The seconds of each action, one list per action.</returns>
    public static double[][] Interleave(int rounds, params Action[] actions)
    {
        var seconds = actions.Select(_ => new double[rounds]).ToArray();
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < actions.Length; i++)
            {
                actions[i]();
                double time = Seconds(actions[i]);
                if (round >= 0)
                {
                    seconds[i][round] = time;
                }
            }
        }

        return seconds;
    }
}
