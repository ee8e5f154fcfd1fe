namespace Importer.Bench;

/// <summary>An update beside the same one by nanoGPT's recipe in plain Python torch on the same libtorch: they take turns.</summary>
internal static class TrainBenchmark
{
    private const int Rounds = 12, Warmup = 3;
    private const string Python = "/usr/bin/python3";

    public static void Run(Verdicts verdicts)
    {
        bool peer = HasTorch();
        if (!peer)
        {
            Verdicts.Note($"Python's torch is not installed: our steps stand alone (python3-torch)");
        }

        Compare(verdicts, "small", "6 layers, 6 heads, 384, batch 8 x 256", peer);
        Compare(verdicts, "big", "gpt2's shape, batch 2 x 256", peer);
        verdicts.AtMost("AdamW of 124M parameters, memory beyond its state, MB", Child("optimizer-peak") / 1e6, 64);
        var save = ChildTasks.Measure<SaveFigures>("save-overlap");
        Verdicts.Note($"gpt2's shape, batch 1 x 64: {save.StepSeconds * 1e3:0} ms an update; {save.Steps} updates beside saves of {save.SavedBytes / 1e6:0} MB in the background, {save.Steps} without, in {save.Rounds.Length} rounds ({string.Join(", ", save.Rounds.Select(round => FormattableString.Invariant($"{round:+0.0 %;-0.0 %}")))})");
        Verdicts.Note($"a whole checkpoint, {save.WholeBytes / 1e6:0} MB: updates wait {save.WaitSeconds:0.00} s for its copy, and it is written beside them in {save.WholeSeconds:0} s");
        verdicts.AtMost("a save in the background, parts of the updates that it overlaps", save.Cost, 0.05);
        verdicts.AtMost("a small model, native memory more after 1,000 updates, MB", Child("train-growth") / 1e6, 4);
    }

    private static void Compare(Verdicts verdicts, string shape, string about, bool withPeer)
    {
        using var ours = new SteppedProcess("dotnet", [ChildTasks.Program, "child", "train", shape, $"{Warmup + Rounds}"]);
        using var theirs = withPeer
            ? new SteppedProcess(Python, Path.Combine(AppContext.BaseDirectory, "peers", "train_gpt2.py"), shape, $"{Rounds}", $"{Warmup}")
            : null;
        var steps = new List<(double[] Ours, double[]? Theirs)>();
        for (int i = 0; i < Warmup + Rounds; i++)
        {
            steps.Add((ours.Step(), theirs?.Step()));
        }

        var counted = steps.Skip(Warmup).ToList();
        double[] mine = Medians(counted.Select(step => step.Ours));
        Verdicts.Note($"{about}: {mine[0] * 1e3:0} ms a step, {mine[1] * 1e3:0} ms of the processor, {mine[3]:0} MB at most");
        if (theirs is not null)
        {
            double[] other = Medians(counted.Select(step => step.Theirs!));
            Verdicts.Note($"the same in Python: {other[0] * 1e3:0} ms a step, {other[1] * 1e3:0} ms of the processor, {other[3]:0} MB at most");
            verdicts.AtMost($"{shape}: step time, parts of Python's", Statistics.Median(counted.Select(step => step.Ours[0] / step.Theirs![0])), 0.95);
            verdicts.AtMost($"{shape}: processor time, parts of Python's", Statistics.Median(counted.Select(step => step.Ours[1] / step.Theirs![1])), 0.95);
            verdicts.AtMost($"{shape}: peak memory, parts of Python's", mine[3] / other[3], 1);
        }
    }

    // The peak is the last one's; of the others the median.
    private static double[] Medians(IEnumerable<double[]> figures)
    {
        var all = figures.ToList();
        return [.. Enumerable.Range(0, 4).Select(i => i == 3 ? all[^1][3] : Statistics.Median(all.Select(step => step[i])))];
    }

    private static double Child(string task) => ChildTasks.Measure<long>(task);

    private static bool HasTorch()
    {
        try
        {
            ChildTasks.Execute(Python, "-c", "import torch");
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
