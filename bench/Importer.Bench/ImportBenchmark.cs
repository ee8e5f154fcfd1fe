using Importer.Sources;
using Importer.Transfer;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Bench;

/// <summary>The conversion of a checkpoint beside cp of the same file, and import-weights as a whole process beside cp with the same hashes.</summary>
internal static class ImportBenchmark
{
    public static void Run(Verdicts verdicts)
    {
        foreach (string name in new[] { "gpt2", "gpt2-large" })
        {
            Compare(name, name == "gpt2" ? 9 : 3, verdicts);
        }
    }

    private static void Compare(string name, int rounds, Verdicts verdicts)
    {
        string source = GeneratedCheckpoint.For(name);
        string weights = Path.Combine(source, "model.safetensors");
        string scratch = Path.Combine(GeneratedCheckpoint.Directory, "scratch");
        string copy = Path.Combine(scratch, "copy.safetensors"), converted = Path.Combine(scratch, "converted.safetensors");

        // The program as a user starts it: it is built by its first start.
        string program = Path.Combine(Repository.Root, "import-weights");
        ChildTasks.Execute(program, "--help");
        Directory.CreateDirectory(scratch);
        double[][] seconds = [.. Enumerable.Range(0, 4).Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            seconds[0][round] = Timed(() => ChildTasks.Execute("sh", "-c", $"cp '{weights}' '{copy}' && sync '{copy}'"));
            seconds[1][round] = Timed(() => Convert(source, converted));
            seconds[2][round] = Timed(() => ChildTasks.Execute(program, source, "--out", scratch, "--quiet"));
            seconds[3][round] = Timed(() => ChildTasks.Execute(
                "sh", "-c", $"sha256sum '{weights}' & cp '{weights}' '{copy}' && sync '{copy}' && sha256sum '{copy}'; wait"));
        }

        // The best of each: pages of the cache are memory that the host of a virtual machine may first have to give back, and
        // one in three runs waits for that, or for the disk, twice as long as it works.
        double[] best = [.. seconds.Select(Enumerable.Min)];
        Verdicts.Note(
            $"{name}: cp and sync {best[0]:0.00} s ({Statistics.Median(seconds[0]):0.00} in the median); conversion with the hash of what it writes {best[1]:0.00} s ({Statistics.Median(seconds[1]):0.00}); the whole import, a process that also hashes what it reads, {best[2]:0.00} s, {best[0] / best[2]:0.00} of cp's rate; cp, sync and sha256sum of both files {best[3]:0.00} s");
        verdicts.AtLeast($"{name}: conversion's rate, parts of cp's, both on disk at the end", best[0] / best[1], 0.8);
        verdicts.AtLeast($"{name}: the whole import's rate, parts of that of cp with the same two hashes", best[3] / best[2], 0.8);
        Directory.Delete(scratch, recursive: true);

        // Twice, and the second counts: what one writes and another removes is paid for by whoever comes next (measured here: a
        // conversion takes 0.2 s after another and 0.7 s after cp), so everything comes after itself.
        double Timed(Action action)
        {
            double last = 0;
            for (int i = 0; i < 2; i++)
            {
                Directory.Delete(scratch, recursive: true);
                Directory.CreateDirectory(scratch);
                ChildTasks.Execute("sync");
                last = Statistics.Seconds(action);
            }

            return last;
        }
    }

    /// <summary>What an import does to the weights.</summary>
    private static void Convert(string source, string target)
    {
        using var directory = ModelDirectory.Open(source);
        using var rows = new RowStream(directory.Weights);
        SafeTensorWriter.Write(
            target,
            directory.Plan(null).Rows.Select(row => SafeTensorEntry.FromWriter(row.Target, row.DType, row.Shape, output => rows.Write(row, output, default))),
            options: new SafeTensorWriteOptions { DataAlignment = 64, ComputeSha256 = true });
    }
}
