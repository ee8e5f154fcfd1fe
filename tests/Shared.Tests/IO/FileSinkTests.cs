using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using SharedSource.IO;
using Tests.Shared;

namespace SharedSource.Tests.IO;

public sealed class FileSinkTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(100, true)]
    [InlineData(FileSink.PortionBytes, true)]
    [InlineData(FileSink.PortionBytes + 1, true)]
    [InlineData(30 * FileSink.PortionBytes + 12_345, true)]
    [InlineData(30 * FileSink.PortionBytes + 12_345, false)]
    public void What_is_lent_and_what_is_given_arrive_in_order(int length, bool hashes)
    {
        using TemporaryDirectory directory = new();
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        List<long> reports = [];
        string? hash;
        using (SafeFileHandle file = File.OpenHandle(directory["f"], FileMode.CreateNew, FileAccess.Write))
        using (FileSink sink = new(file, hashes, flushes: true, (written, _) => reports.Add(written), default))
        {
            Random sizes = new(1);
            for (int done = 0; done < length;)
            {
                // Now and then more at once than a portion is long.
                int count = Math.Min(length - done, sizes.Next(8) switch { 0 => 3 * FileSink.PortionBytes / 2, 1 => 1, _ => sizes.Next(1, 400_000) });
                if (sizes.Next(2) == 0)
                {
                    sink.Write(bytes.AsSpan(done, count));
                }
                else
                {
                    Memory<byte> lent = sink.GetMemory(count);
                    Assert.True(lent.Length >= count);
                    bytes.AsSpan(done, count).CopyTo(lent.Span);
                    sink.Advance(count);
                }

                done += count;
            }

            hash = sink.Complete();
        }

        Assert.Equal(bytes, File.ReadAllBytes(directory["f"]));
        Assert.Equal(hashes ? Convert.ToHexStringLower(SHA256.HashData(bytes)) : null, hash);
        Assert.Equal(reports.Order(), reports);
        Assert.Equal(length, length == 0 ? 0 : reports[^1]);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(100)]
    public void A_disk_that_is_full_is_told_to_the_one_who_writes(int portions)
    {
        Skip.IfNot(File.Exists("/dev/full"), "no such device");
        using SafeFileHandle full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        using FileSink sink = new(full, computeSha256: true, flushes: false, (_, _) => { }, default);

        IOException e = Assert.Throws<IOException>(() =>
        {
            for (int i = 0; i < portions; i++)
            {
                sink.Write(new byte[FileSink.PortionBytes]);
            }

            sink.Complete();
        });

        Assert.Equal(28, e.HResult); // ENOSPC
    }

    [Fact]
    public void A_report_that_throws_ends_the_writing()
    {
        using TemporaryDirectory directory = new();
        using SafeFileHandle file = File.OpenHandle(directory["f"], FileMode.CreateNew, FileAccess.Write);
        using FileSink sink = new(file, computeSha256: true, flushes: false, (_, _) => throw new InvalidOperationException("enough"), default);

        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                sink.Write(new byte[FileSink.PortionBytes]);
            }
        });

        Assert.Equal("enough", e.Message);
    }

    [Fact]
    public void Cancelled_it_stops_and_can_be_disposed_at_any_point()
    {
        using TemporaryDirectory directory = new();
        using CancellationTokenSource cancellation = new();
        using SafeFileHandle file = File.OpenHandle(directory["f"], FileMode.CreateNew, FileAccess.Write);
        using FileSink sink = new(file, computeSha256: true, flushes: false, (_, _) => cancellation.Cancel(), cancellation.Token);

        Assert.Throws<OperationCanceledException>(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                sink.Write(new byte[FileSink.PortionBytes]);
            }
        });
        using FileSink unused = new(file, computeSha256: true, flushes: false, (_, _) => { }, default);
        unused.Write(new byte[3 * FileSink.PortionBytes]);
    }
}
