using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Importer.Transfer;

namespace Importer.Bench;

/// <summary>The transpose that loading GPT-2 consists of, beside the two loops that anybody writes and a plain copy.</summary>
internal static unsafe class TransposeBenchmark
{
    public static void Run(Verdicts verdicts)
    {
        var ratios = new List<double>();
        foreach (var (rows, columns) in new[] { (768, 2304), (768, 768), (768, 3072), (3072, 768), (1280, 5120) })
        {
            nuint bytes = (nuint)(rows * columns * sizeof(float));
            var from = (float*)NativeMemory.AlignedAlloc(bytes, 4096);
            var to = (float*)NativeMemory.AlignedAlloc(bytes, 4096);
            NativeMemory.Fill(from, bytes, 1);
            NativeMemory.Fill(to, bytes, 1);
            var seconds = Statistics.Interleave(
                9,
                () => BlockedTranspose.Transpose((byte*)from, columns * 4, rows, columns, (byte*)to, rows * 4, 4),
                () => Naive(from, to, rows, columns),
                () => NativeMemory.Copy(from, to, bytes));
            NativeMemory.AlignedFree(from);
            NativeMemory.AlignedFree(to);

            double[] medians = [.. seconds.Select(Statistics.Median)];
            double gigabytes = bytes / 1e9;
            Verdicts.Note($"{rows} x {columns} f32: {gigabytes / medians[0]:0.0} GB/s, naive {gigabytes / medians[1]:0.00}, copy {gigabytes / medians[2]:0.0}");
            ratios.Add(medians[1] / medians[0]);
        }

        verdicts.AtLeast("transpose, times a naive one (the least of the shapes)", ratios.Min(), 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Naive(float* from, float* to, int rows, int columns)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                to[(nint)c * rows + r] = from[(nint)r * columns + c];
            }
        }
    }
}
