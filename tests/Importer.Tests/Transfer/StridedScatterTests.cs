using Importer.Mapping.Operations;
using Importer.Sources;
using Importer.Transfer;
using SafeTensorSharp;

namespace Importer.Tests.Transfer;

public sealed unsafe class StridedScatterTests
{
    /// <summary>Sizes of the axes in the source's order, and the order in which the target has them.</summary>
    public static TheoryData<long[], int[]> Permutations => new()
    {
        { [5], [0] }, { [3, 4], [1, 0] }, { [70, 90], [1, 0] }, { [2, 3, 4], [0, 2, 1] }, { [2, 3, 4], [2, 1, 0] }, { [4, 3, 8, 5], [1, 0, 2, 3] },
        { [4, 2, 8, 5], [0, 2, 1, 3] }, { [4, 2, 8], [0, 2, 1] }, { [1, 6, 1, 2], [3, 1, 0, 2] }, { [3, 2, 5, 2, 3], [4, 0, 3, 1, 2] },
    };

    [Theory]
    [MemberData(nameof(Permutations))]
    public void Moves_every_element_to_its_place_in_every_element_size(long[] sizes, int[] order)
    {
        foreach (int size in new[] { 1, 2, 4, 8 })
        {
            StridedCopy copy = Copy(sizes, order);
            byte[] source = new byte[copy.Elements * size], target = new byte[source.Length], expected = new byte[source.Length];
            new Random(7).NextBytes(source);
            foreach ((long from, long to) in Places(sizes, order))
            {
                source.AsSpan((int)(from * size), size).CopyTo(expected.AsSpan((int)(to * size)));
            }

            fixed (byte* a = source, b = target)
            {
                StridedScatter.Copy(a, copy.Loops, b, size);
            }

            Assert.Equal(expected, target);
        }
    }

    [Fact]
    public void Loops_that_say_the_same_as_one_become_one()
    {
        Assert.Equal(3, Copy([4, 2, 8, 5], [1, 0, 2, 3]).Loops.Count);
        Assert.True(Copy([4, 2, 8, 5], [0, 1, 2, 3]).IsContiguous);
        Assert.Empty(Copy([1, 1], [1, 0]).Loops);
    }

    /// <summary>Axes of a tensor in a new order, as a copy.</summary>
    private static StridedCopy Copy(long[] sizes, int[] order)
    {
        long[] targets = new long[sizes.Length];
        long stride = 1;
        foreach (int axis in order.Reverse())
        {
            targets[axis] = stride;
            stride *= sizes[axis];
        }

        List<CopyLoop> loops = [];
        long step = 1;
        for (int i = sizes.Length - 1; i >= 0; step *= sizes[i--])
        {
            loops.Add(new CopyLoop(sizes[i], step, targets[i]));
        }

        return StridedCopy.Of(new SourceTensor("x", DType.F32, sizes, "f", 0, step * 4), 0, 0, loops);
    }

    private static IEnumerable<(long From, long To)> Places(long[] sizes, int[] order)
    {
        long[] at = new long[sizes.Length];
        for (long from = 0, count = sizes.Aggregate(1L, (a, b) => a * b); from < count; from++)
        {
            long rest = from;
            for (int i = sizes.Length - 1; i >= 0; i--)
            {
                at[i] = rest % sizes[i];
                rest /= sizes[i];
            }

            yield return (from, order.Aggregate(0L, (place, axis) => place * sizes[axis] + at[axis]));
        }
    }
}
