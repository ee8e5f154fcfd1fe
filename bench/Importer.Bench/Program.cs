using System.Globalization;
using Importer.Bench;

if (args is ["child", .. var child])
{
    return ChildTasks.Run(child);
}

(string Name, string About, Action<Verdicts> Run)[] benchmarks =
[
    ("transpose", "a matrix in memory: our transpose beside a naive one and a copy", TransposeBenchmark.Run),
    ("load", "gpt2 and gpt2-large from disk to a ready model: time and memory", LoadBenchmark.Run),
    ("tokenizer", "GPT-2's tokenizer on English and Chinese text, beside gpt-tokenizer", TokenizerBenchmark.Run),
    ("generate", "gpt2's true shape, one sequence: decoding beside the memory's limit, prompt beside a matmul, first token", GenerateBenchmark.Run),
    ("train", "updates of gpt2's true shape and of a small one, beside nanoGPT's recipe in Python", TrainBenchmark.Run),
    ("import", "the command line's conversion beside cp", ImportBenchmark.Run),
    ("formats", "gpt2 from pytorch_model.bin beside safetensors, and writing and exporting it beside the disk's sequential write", FormatsBenchmark.Run),
    ("hub", "downloads from a hub on this machine beside curl: time, memory, what is cached", HubBenchmark.Run),
];

if (args is not [var chosen] || (chosen != "all" && !benchmarks.Any(benchmark => benchmark.Name == chosen)))
{
    Console.WriteLine("usage: ./bench.sh NAME, one of:");
    foreach (var (name, about, _) in benchmarks)
    {
        Console.WriteLine($"  {name,-10} {about}");
    }

    Console.WriteLine("  all        every one of them");
    return args.Length == 0 ? 0 : 2;
}

// The peers in Python compute with as many threads as we do; of themselves they may take another number.
const string threads = "OMP_NUM_THREADS";
if (Environment.GetEnvironmentVariable(threads) is null)
{
    Environment.SetEnvironmentVariable(threads, TorchSharp.torch.get_num_threads().ToString(CultureInfo.InvariantCulture));
}

var verdicts = new Verdicts();
foreach (var (name, about, run) in benchmarks)
{
    if (chosen == "all" || chosen == name)
    {
        Console.WriteLine($"== {name}: {about}");
        run(verdicts);
    }
}

return verdicts.Print();
