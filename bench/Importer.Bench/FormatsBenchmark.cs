using Importer.Conversion;
using Importer.Export;
using Importer.Models.Gpt;
using Importer.Sources;
using PyTorchCheckpoints;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Bench;

/// <summary>gpt2 out of PyTorch's own format beside safetensors, and written into it beside the disk's sequential write.</summary>
internal static class FormatsBenchmark
{
    private const int Portion = 4 << 20;

    public static void Run(Verdicts verdicts)
    {
        string safetensors = GeneratedCheckpoint.For("gpt2");
        string pickles = Path.Combine(GeneratedCheckpoint.Directory, "gpt2-bin");
        string weights = Path.Combine(pickles, "pytorch_model.bin");
        Directory.CreateDirectory(pickles);
        File.Copy(Path.Combine(safetensors, "config.json"), Path.Combine(pickles, "config.json"), overwrite: true);
        using var source = ModelDirectory.Open(safetensors);
        Write(source, weights);

        var loads = Statistics.Interleave(7, () => Load(pickles), () => Load(safetensors));
        double[] medians = [.. loads.Select(Statistics.Median)];
        Verdicts.Note($"gpt2: ready from pytorch_model.bin in {medians[0]:0.000} s, from safetensors in {medians[1]:0.000} s");
        verdicts.AtMost("gpt2: from pytorch_model.bin, times from safetensors", medians[0] / medians[1], 1.15);
        double open = Statistics.Median(Enumerable.Range(0, 9).Select(_ => Statistics.Seconds(() => PyTorchCheckpoint.Open(weights).Dispose())));
        Verdicts.Note($"opening it: {open * 1000:0.0} ms, {CheckpointHeader.Identify(weights).BytesRead / 1000.0:0} KB read");

        long bytes = new FileInfo(weights).Length;
        string plain = Path.Combine(pickles, "plain");
        double[] rates = Rates(bytes, () => File.Delete(weights), () => Write(source, weights), plain);
        Verdicts.Note($"written with its checksums, flushed and renamed: {rates[0]:0.00} GB/s; the same bytes written plainly and flushed: {rates[1]:0.00} GB/s");
        verdicts.AtLeast("writing pytorch_model.bin, parts of the disk's sequential write", rates[0] / rates[1], 0.6);
        double processor = Statistics.Median(Enumerable.Range(0, 3).Select(_ => Statistics.ProcessorSeconds(() => Write(source, weights))));
        Verdicts.Note($"processor time of a write: {processor / (bytes / 1e9):0.00} s/GB");
        Export(safetensors, verdicts);
    }

    /// <summary>An imported gpt2 into transformers' layout: two thirds of its bytes are transposed on the way.</summary>
    private static void Export(string source, Verdicts verdicts)
    {
        string scratch = Path.Combine(GeneratedCheckpoint.Directory, "export");
        Directory.CreateDirectory(scratch);
        string imported = WeightImporter.ImportAsync(source, scratch, new() { Name = "imported" }).GetAwaiter().GetResult().Directory;
        string plain = Path.Combine(scratch, "plain");
        foreach (var format in Enum.GetValues<ExportFormat>())
        {
            string name = format == ExportFormat.NanoGpt ? "nanogpt" : "hf", target = Path.Combine(scratch, name);
            ExportResult Once() => WeightExporter.ExportAsync(imported, target, new() { Format = format }).GetAwaiter().GetResult();
            double[] rates = Rates(Once().Files.Sum(file => file.Size), () => Directory.Delete(target, recursive: true), () => Once(), plain);
            Verdicts.Note($"export --to {name}: {rates[0]:0.00} GB/s; the same bytes written plainly and flushed: {rates[1]:0.00} GB/s");
            verdicts.AtLeast($"gpt2: export --to {name}, parts of the disk's sequential write", rates[0] / rates[1], 0.6);
        }

        double processor = Statistics.Median(Enumerable.Range(0, 3).Select(_ => Statistics.ProcessorSeconds(
            () => WeightExporter.ExportAsync(imported, Path.Combine(scratch, "hf"), new() { Force = true }).GetAwaiter().GetResult())));
        Verdicts.Note($"processor time of an export to hf that replaces another: {processor:0.00} s");
        Directory.Delete(scratch, recursive: true);
    }

    /// <summary>Gigabytes per second of writing something, and of writing as many bytes plainly.</summary>
    private static double[] Rates(long bytes, Action remove, Action write, string plain)
    {
        // New files on both sides: removing what is replaced takes half as long as writing, and is no part of either.
        double[][] seconds = [new double[7], new double[7]];
        for (int round = 0; round < seconds[0].Length; round++)
        {
            remove();
            seconds[0][round] = Statistics.Seconds(write);
            File.Delete(plain);
            seconds[1][round] = Statistics.Seconds(() => WritePlain(plain, bytes));
        }

        File.Delete(plain);
        return [.. seconds.Select(times => bytes / Statistics.Median(times) / 1e9)];
    }

    private static void Load(string directory)
    {
        using var model = GptModel.FromPretrained(directory, new() { Device = CPU });
    }

    private static void Write(ModelDirectory source, string path)
    {
        byte[] buffer = new byte[Portion];
        PyTorchWriter.WriteStateDict(path, source.Weights.Tensors.Select(tensor => KeyValuePair.Create(
            tensor.Name, PyTorchTensor.FromWriter(TorchDType.Float32, tensor.Shape, stream =>
            {
                for (long offset = 0; offset < tensor.ByteCount; offset += Portion)
                {
                    var portion = buffer.AsSpan(0, (int)Math.Min(Portion, tensor.ByteCount - offset));
                    source.Weights.Read(tensor, offset, portion);
                    stream.Write(portion);
                }
            }))));
    }

    private static void WritePlain(string path, long bytes)
    {
        byte[] buffer = new byte[Portion];
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, preallocationSize: bytes);
        for (long offset = 0; offset < bytes; offset += Portion)
        {
            RandomAccess.Write(file, buffer.AsSpan(0, (int)Math.Min(Portion, bytes - offset)), offset);
        }

        RandomAccess.FlushToDisk(file);
    }
}
