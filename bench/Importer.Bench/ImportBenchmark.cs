using Importer.Cli;
using Importer.Sources;
using Importer.Transfer;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Bench;

/// <summary>The conversion of a checkpoint, and import-weights as a whole process, beside cp of the same file.</summary>
internal static class ImportBenchmark
{
    public static void Run(Verdicts verdicts)
    {
        foreach (string name in new[] { "gpt2", "gpt2-large" })
        {
            string source = GeneratedCheckpoint.For(name);
            string weights = Path.Combine(source, "model.safetensors");
            string scratch = Path.Combine(GeneratedCheckpoint.Directory, "scratch");
            string copy = Path.Combine(scratch, "copy.safetensors");
            Directory.CreateDirectory(scratch);

            var conversion = new List<double>();
            var import = new List<double>();
            var cp = new List<double>();
            for (int round = 0; round < (name == "gpt2" ? 7 : 3); round++)
            {
                Clear();
                conversion.Add(Statistics.Seconds(() => Convert(source, Path.Combine(scratch, "converted.safetensors"))));
                Clear();
                cp.Add(ChildTasks.Execute("sh", "-c", $"cp '{weights}' '{copy}' && sync '{copy}'").Seconds);
                Clear();
                import.Add(ChildTasks.Execute("dotnet", typeof(ExitCode).Assembly.Location, source, "--out", scratch, "--quiet").Seconds);
            }

            Clear();
            double copying = Statistics.Median(cp);
            Verdicts.Note($"{name}: conversion {Statistics.Median(conversion):0.00} s, cp and sync {copying:0.00} s; the whole import, which starts a process and hashes what goes in and out, {Statistics.Median(import):0.00} s");
            verdicts.AtLeast($"{name}: conversion's rate, parts of cp's, both on disk at the end", copying / Statistics.Median(conversion), 0.8);

            void Clear()
            {
                Directory.Delete(scratch, recursive: true);
                Directory.CreateDirectory(scratch);
                ChildTasks.Execute("sync");
            }
        }
    }

    /// <summary>What an import does to the weights, without the hashes of its manifest.</summary>
    private static void Convert(string source, string target)
    {
        using var directory = ModelDirectory.Open(source);
        using var rows = new RowStream(directory.Weights);
        SafeTensorWriter.Write(
            target,
            directory.Plan(null).Rows.Select(row => SafeTensorEntry.FromWriter(row.Target, row.DType, row.Shape, output => rows.Write(row, output, default))),
            options: new SafeTensorWriteOptions { DataAlignment = 64 });
    }
}
