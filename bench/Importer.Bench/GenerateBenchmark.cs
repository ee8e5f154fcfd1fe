using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Importer.Conversion;
using Importer.Generation;
using Importer.Models;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Bench;

/// <summary>gpt2's true shape, one sequence: decoding beside what memory allows, the prompt beside one large matrix product.</summary>
internal static class GenerateBenchmark
{
    private const int PromptLength = 32, NewTokens = 96, LongPrompt = 512;
    private const string Python = "/usr/bin/python3";

    public static void Run(Verdicts verdicts)
    {
        string source = GeneratedCheckpoint.For("gpt2");
        var rates = new Dictionary<string, double>();
        foreach (var (name, dtype) in new[] { ("f32", ScalarType.Float32), ("bf16", ScalarType.BFloat16) })
        {
            using var model = PretrainedModel.FromPretrained(source, new() { Device = CPU, DType = dtype });
            rates[name] = Decode(verdicts, name, model);
            if (dtype == ScalarType.Float32)
            {
                Prefill(verdicts, model);
            }
        }

        Peer(verdicts, source, rates);
        FirstToken(verdicts, source);
    }

    /// <summary>Tokens per second, and the part that they are of what reading the weights once per token allows.</summary>
    private static double Decode(Verdicts verdicts, string name, PretrainedModel model)
    {
        long parameters = model.LoadReport!.ParameterBytes;
        var table = model.get_parameter("transformer.wpe.weight")!;
        long read = parameters - table.numel() * table.element_size(); // of which a token needs one row
        var generator = new TokenGenerator(model);
        int[] prompt = [.. Enumerable.Range(0, PromptLength).Select(i => i * 37)];
        var rounds = new List<(double Rate, double Limit)>();
        using var memory = new ReadMemory();
        for (int round = -1; round < 9; round++)
        {
            // A host that others use reads 40 GB/s in one second and 75 in the next, so the limit is taken on either side.
            double before = memory.BytesPerSecond(), rate = TokensPerSecond(generator, prompt);
            if (round >= 0)
            {
                rounds.Add((rate, Math.Max(before, memory.BytesPerSecond())));
            }
        }

        double tokens = rounds.Max(round => round.Rate), part = Statistics.Median(rounds.Select(round => round.Rate * read / round.Limit));
        Verdicts.Note($"{name}: {tokens:0.0} tokens/s at best, {parameters / 1e6:0} MB of parameters; memory is read at {rounds.Min(round => round.Limit) / 1e9:0.0} to {rounds.Max(round => round.Limit) / 1e9:0.0} GB/s, {memory.BestThreads} thread(s)");
        if (name == "f32")
        {
            verdicts.AtLeast("decode in f32, parts of the memory's limit", part, 0.7);
        }
        else
        {
            Verdicts.Note($"{name}: {part:0.00} of the memory's limit");
        }

        return tokens;
    }

    private static double TokensPerSecond(TokenGenerator generator, int[] prompt)
    {
        long begin = 0;
        int made = 0;
        LogitsHook clock = (in LogitsContext _, Span<float> _) =>
        {
            if (++made == 1)
            {
                begin = Stopwatch.GetTimestamp(); // the prompt is done
            }
        };
        generator.Generate(prompt, new() { MaxNewTokens = NewTokens + 1, LogitsHooks = [clock], StopTokens = [] });
        return NewTokens / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    /// <summary>A long prompt's rate beside that of one square product as large as fits the caches badly.</summary>
    private static void Prefill(Verdicts verdicts, PretrainedModel model)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        var config = model.Config;
        const int size = 2048;
        Tensor one = randn(size, size), other = randn(size, size);
        var ids = arange(0, LongPrompt, int64).view(1, LongPrompt) * 37;
        double matmul = 2.0 * size * size * size;
        // Per token: two operations for every weight of the blocks, and for every pair of tokens in scores and mixing.
        double width = config.EmbeddingSize, blocks = 12 * config.LayerCount * width * width;
        double prompt = 2 * blocks * LongPrompt + 4.0 * config.LayerCount * LongPrompt * LongPrompt * width + 2.0 * config.VocabSize * width;
        var seconds = Statistics.Interleave(
            5,
            () =>
            {
                using var inner = NewDisposeScope();
                using var cache = new KeyValueCache(model, 1, LongPrompt);
                model.Head(model.Hidden(ids, cache).narrow(1, LongPrompt - 1, 1));
            },
            () =>
            {
                using var product = one.matmul(other);
            });
        double ours = prompt / Statistics.Median(seconds[0]), best = matmul / Statistics.Median(seconds[1]);
        Verdicts.Note($"prompt of {LongPrompt} tokens: {Statistics.Median(seconds[0]) * 1e3:0} ms, {LongPrompt / Statistics.Median(seconds[0]):0} tokens/s, {ours / 1e9:0} GFLOP/s; a product of {size} x {size}: {best / 1e9:0} GFLOP/s");
        verdicts.AtLeast("prefill, parts of one large matmul's rate", ours / best, 0.8);
    }

    private static void Peer(Verdicts verdicts, string source, Dictionary<string, double> ours)
    {
        try
        {
            ChildTasks.Execute(Python, "-c", "import torch");
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Verdicts.Note($"Python's torch is not installed: its decoding is not measured (python3-torch)");
            return;
        }

        foreach (var (name, rate) in ours)
        {
            var runs = Enumerable.Range(0, 3).Select(_ => ChildTasks.Execute(Python, Path.Combine(AppContext.BaseDirectory, "peers", "generate_gpt2.py"), source, name, $"{NewTokens}")
                .Output.Split().Select(figure => figure.Length == 0 ? 0 : double.Parse(figure, CultureInfo.InvariantCulture)).ToArray()).ToList();
            double theirs = Statistics.Median(runs.Select(run => run[0]));
            Verdicts.Note($"{name}: the same in plain Python torch with a cache {theirs:0.0} tokens/s, {runs[0][1]:0} MB");
            verdicts.AtLeast($"decode in {name}, times plain Python torch", rate / theirs, name == "f32" ? 1.4 : 1);
        }
    }

    /// <summary>import-weights generate on an imported gpt2, as a process, until its first token is out.</summary>
    private static void FirstToken(Verdicts verdicts, string source)
    {
        string imported = Path.Combine(GeneratedCheckpoint.Directory, "imported");
        WeightImporter.ImportAsync(source, imported).GetAwaiter().GetResult();
        string model = Path.Combine(GeneratedCheckpoint.Directory, "generate");
        Directory.CreateDirectory(model);
        foreach (string file in Directory.GetFiles(Path.Combine(imported, "gpt2")).Concat(Directory.GetFiles(Repository.Fixture("tokenizer-gpt2"), "*.txt")).Append(Path.Combine(Repository.Fixture("tokenizer-gpt2"), "vocab.json")))
        {
            string link = Path.Combine(model, Path.GetFileName(file));
            File.Delete(link);
            File.CreateSymbolicLink(link, file);
        }

        // The program as a user starts it: it is built by its first start.
        string program = Path.Combine(Repository.Root, "import-weights");
        ChildTasks.Execute(program, "--help");
        double[] seconds = [.. Enumerable.Range(0, 6).Select(_ => ChildTasks.Execute(
            program, "generate", model, "--prompt", "The meaning of life is", "--max-new-tokens", "1", "--device", "cpu", "--quiet").Seconds).Skip(1)];
        verdicts.AtMost("imported gpt2, start of the process to the first token and its end, s", Statistics.Median(seconds), 1);
    }

    /// <summary>Reads memory as fast as it goes: a large array summed, by one thread and by all.</summary>
    private sealed unsafe class ReadMemory : IDisposable
    {
        private const nuint Bytes = 512u << 20;

        private readonly float* _memory = (float*)NativeMemory.AlignedAlloc(Bytes, 2 << 20);
        private float _sum;

        public ReadMemory() => new Span<byte>(_memory, (int)Bytes).Fill(1);

        public int BestThreads { get; private set; } = 1;

        public double BytesPerSecond()
        {
            double best = 0;
            for (int threads = 1; threads <= Environment.ProcessorCount; threads++)
            {
                int count = threads;
                double rate = Bytes / Enumerable.Range(0, 3).Min(_ => Statistics.Seconds(() => Parallel.For(0, count, part => Sum(part, count))));
                if (rate > best)
                {
                    (best, BestThreads) = (rate, threads);
                }
            }

            return best;
        }

        public void Dispose()
        {
            GC.KeepAlive(_sum);
            NativeMemory.AlignedFree(_memory);
        }

        private void Sum(int part, int parts)
        {
            long length = (long)Bytes / sizeof(float) / parts / 64 * 64;
            float* next = _memory + part * length;
            int width = Vector<float>.Count;
            Vector<float> a = default, b = default, c = default, d = default;
            for (float* end = next + length; next + 4 * width <= end; next += 4 * width)
            {
                a += Vector.Load(next);
                b += Vector.Load(next + width);
                c += Vector.Load(next + 2 * width);
                d += Vector.Load(next + 3 * width);
            }

            _sum += Vector.Sum(a + b + c + d);
        }
    }
}
