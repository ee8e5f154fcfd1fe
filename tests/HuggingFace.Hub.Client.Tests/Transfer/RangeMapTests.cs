using FsCheck;
using FsCheck.Fluent;

namespace HuggingFace.Hub.Client.Tests;

public sealed class RangeMapTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hub-map-").FullName;
    private int _files;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_noted_is_read_back_and_the_rest_is_exactly_what_is_missing()
    {
        Gen<(int Size, int Block, int[] Done)> cases =
            from size in Gen.Choose(0, 200_000)
            from block in Gen.Choose(RangeMap.SmallestBlock, 20_000)
            from done in Gen.Choose(0, 100).ArrayOf((size / block) + 1)
            select (size, block, done);

        Check.QuickThrowOnFailure(Prop.ForAll(cases.ToArbitrary(), Holds));
    }

    [Fact]
    public void Bytes_out_of_order_are_a_fault_of_the_caller()
    {
        using RangeMap map = Create(100_000, 10_000, out _);

        Assert.Throws<InvalidOperationException>(() => map.Advance(5, 1));
        map.Advance(0, 15_000);
        Assert.Equal(15_000, map.Total);
        Assert.Throws<InvalidOperationException>(() => map.Advance(14_999, 1));
    }

    [Fact]
    public void Map_of_other_content_or_size_is_not_opened()
    {
        using (Create(100_000, 10_000, out string path))
        {
            Assert.True(ContentHash.TryParse(new string('b', 64), out ContentHash? other));
            Assert.True(ContentHash.TryParse(new string('a', 64), out ContentHash? same));
            Assert.Null(RangeMap.Open(path, 100_000, other));
            Assert.Null(RangeMap.Open(path, 100_001, same));
            using RangeMap? map = RangeMap.Open(path, 100_000, same);
            Assert.NotNull(map);
            Assert.True(map.IsOurHost);
        }
    }

    [Fact]
    public void Any_flipped_bit_of_the_header_is_noticed()
    {
        string path;
        using (RangeMap map = Create(100_000, 10_000, out path))
        {
            map.Advance(0, 10_000);
        }

        byte[] good = File.ReadAllBytes(path);
        Assert.True(ContentHash.TryParse(new string('a', 64), out ContentHash? hash));
        for (int bit = 0; bit < 116 * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, bad);
            using RangeMap? map = RangeMap.Open(path, 100_000, hash);
            Assert.Null(map);
        }
    }

    private bool Holds((int Size, int Block, int[] Done) input)
    {
        (int size, int block, int[] percent) = input;
        string path;
        long total = 0;
        using (RangeMap map = Create(size, block, out path))
        {
            for (int i = 0; i < map.BlockCount; i++)
            {
                (long start, long end) = map.Bounds(i);
                int count = (int)((end - start) * percent[i] / 100);
                map.Advance(start, count);
                total += count;
            }
        }

        Assert.True(ContentHash.TryParse(new string('a', 64), out ContentHash? hash));
        using RangeMap read = RangeMap.Open(path, size, hash)!;
        bool right = read.Total == total && read.IsComplete == (total == size);
        foreach (bool byBlock in new[] { true, false })
        {
            var queue = new RangeQueue(read, byBlock);
            var missing = new bool[size];
            long before = -1;
            while (queue.TryTake(out (long Start, long End) range))
            {
                right &= range.Start < range.End && range.Start >= before && (!byBlock || range.End - range.Start <= block);
                before = range.End;
                Array.Fill(missing, true, (int)range.Start, (int)(range.End - range.Start));
            }

            right &= missing.LongCount(isMissing => isMissing) == size - total;
            for (int i = 0; i < read.BlockCount; i++)
            {
                (long start, long end) = read.Bounds(i);
                right &= !missing.AsSpan((int)start, (int)(read.Reached(i) - start)).Contains(true)
                    && !missing.AsSpan((int)read.Reached(i), (int)(end - read.Reached(i))).Contains(false);
            }
        }

        return right;
    }

    private RangeMap Create(long size, int block, out string path)
    {
        Assert.True(ContentHash.TryParse(new string('a', 64), out ContentHash? hash));
        path = Path.Combine(_root, $"map{_files++}");
        return RangeMap.Create(path, size, block, "0123abcd", hash);
    }
}
