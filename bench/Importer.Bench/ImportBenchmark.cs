using Importer.Cli;

namespace Importer.Bench;

/// <summary>import-weights as a whole process beside cp of the same file.</summary>
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

            var import = new List<double>();
            var cp = new List<double>();
            var durable = new List<double>();
            for (int round = 0; round < (name == "gpt2" ? 5 : 2); round++)
            {
                Clear();
                import.Add(ChildTasks.Execute("dotnet", typeof(ExitCode).Assembly.Location, source, "--out", scratch, "--quiet").Seconds);
                Clear();
                durable.Add(ChildTasks.Execute("sh", "-c", $"cp '{weights}' '{copy}' && sync '{copy}'").Seconds);
                Clear();
                cp.Add(ChildTasks.Execute("cp", weights, copy).Seconds);
            }

            Clear();
            double ours = Statistics.Median(import);
            Verdicts.Note($"{name}: import {ours:0.00} s, cp and sync {Statistics.Median(durable):0.00} s, cp alone {Statistics.Median(cp):0.00} s");
            verdicts.AtLeast($"{name}: import's rate, parts of cp's, both on disk at the end", Statistics.Median(durable) / ours, 0.8);

            void Clear()
            {
                Directory.Delete(scratch, recursive: true);
                Directory.CreateDirectory(scratch);
                ChildTasks.Execute("sync");
            }
        }
    }
}
