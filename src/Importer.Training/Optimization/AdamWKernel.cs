using System.Numerics;
using static TorchSharp.torch;

namespace Importer.Training.Optimization;

/// <summary>
/// AdamW and the norm of gradients over plain memory. Work is cut into blocks of a fixed size, and each element's result, or each
/// block's sum, is computed by itself: the number of threads changes nothing.
/// </summary>
internal static unsafe class AdamWKernel
{
    // 64 Ki elements: four streams of 256 KiB, long beside the cost of handing out a block.
    private const long BlockLength = 1 << 16;

    /// <summary>Updates parameters and moments.</summary>
    public static void Update(IReadOnlyList<AdamWTask> tasks)
    {
        var blocks = Cut(tasks, task => task.Count);
        Run(blocks.Count, i =>
        {
            var (task, start, length) = blocks[i];
            var t = tasks[task];
            Update((float*)t.Parameter + start, (float*)t.Gradient + start, (float*)t.Mean + start, (float*)t.Square + start, length, t.Factors);
        });
    }

    /// <summary>The sum of squares of arrays of f32: within a short run in f32, beyond it in f64, in the arrays' order.</summary>
    public static double SumOfSquares(IReadOnlyList<(nint Address, long Count)> arrays)
    {
        var blocks = Cut(arrays, array => array.Count);
        double[] sums = new double[blocks.Count];
        Run(blocks.Count, i =>
        {
            var (array, start, length) = blocks[i];
            sums[i] = SumOfSquares((float*)arrays[array].Address + start, length);
        });
        double sum = 0;
        foreach (double part in sums)
        {
            sum += part;
        }

        return sum;
    }

    private static void Update(float* p, float* g, float* m, float* v, long length, AdamWFactors factors)
    {
        // The order of operations, and the rounding of each, is torch's: no fused multiply-add, so that every machine agrees.
        float scale = (float)factors.Scale, keep = (float)factors.Keep, epsilon = (float)factors.Epsilon;
        float b1 = (float)factors.Beta1, a1 = (float)(1 - factors.Beta1), b2 = (float)factors.Beta2, a2 = (float)(1 - factors.Beta2);
        float root = (float)factors.RootCorrection, size = (float)factors.StepSize;
        int width = Vector<float>.Count;
        long i = 0;
        for (; i <= length - width; i += width)
        {
            var gradient = Vector.Load(g + i) * scale;
            var mean = Vector.Load(m + i) * b1 + gradient * a1;
            var square = Vector.Load(v + i) * b2 + gradient * gradient * a2;
            Vector.Store(mean, m + i);
            Vector.Store(square, v + i);
            var denominator = Vector.SquareRoot(square) / new Vector<float>(root) + new Vector<float>(epsilon);
            Vector.Store(Vector.Load(p + i) * keep - mean / denominator * size, p + i);
        }

        for (; i < length; i++)
        {
            float gradient = g[i] * scale;
            float mean = m[i] * b1 + gradient * a1;
            float square = v[i] * b2 + gradient * gradient * a2;
            m[i] = mean;
            v[i] = square;
            p[i] = p[i] * keep - mean / (MathF.Sqrt(square) / root + epsilon) * size;
        }
    }

    private static double SumOfSquares(float* x, long length)
    {
        const int run = 1024;
        int width = Vector<float>.Count;
        double sum = 0;
        long i = 0;
        while (i < length)
        {
            long end = Math.Min(length, i + run);
            Vector<float> a = default, b = default, c = default, d = default;
            for (; i <= end - 4 * width; i += 4 * width)
            {
                Vector<float> x0 = Vector.Load(x + i), x1 = Vector.Load(x + i + width), x2 = Vector.Load(x + i + 2 * width), x3 = Vector.Load(x + i + 3 * width);
                a += x0 * x0;
                b += x1 * x1;
                c += x2 * x2;
                d += x3 * x3;
            }

            Vector.Widen(a + b + (c + d), out var low, out var high);
            sum += Vector.Sum(low + high);
            for (; i < end; i++)
            {
                sum += (double)x[i] * x[i];
            }
        }

        return sum;
    }

    private static List<(int Item, long Start, long Length)> Cut<T>(IReadOnlyList<T> items, Func<T, long> count)
    {
        var blocks = new List<(int, long, long)>();
        for (int item = 0; item < items.Count; item++)
        {
            long all = count(items[item]);
            for (long start = 0; start < all; start += BlockLength)
            {
                blocks.Add((item, start, Math.Min(BlockLength, all - start)));
            }
        }

        return blocks;
    }

    private static void Run(int count, Action<int> action)
    {
        int threads = Math.Min(get_num_threads(), count);
        if (threads <= 1)
        {
            for (int i = 0; i < count; i++)
            {
                action(i);
            }

            return;
        }

        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, action);
    }
}
