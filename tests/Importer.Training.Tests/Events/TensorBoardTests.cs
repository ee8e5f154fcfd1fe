using System.Buffers.Binary;
using System.Text;
using Importer.Training.Events;
using Importer.Training.Tests.Run;
using Tests.Shared;

namespace Importer.Training.Tests.Events;

[Collection(TorchCollection.Name)]
public sealed class TensorBoardTests : IDisposable
{
    private readonly Lab _lab = new();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _lab.Dispose();
        _directory.Dispose();
    }

    // The check value of CRC-32/ISCSI, and those of RFC 3720, appendix B.4.
    [Theory]
    [InlineData("313233343536373839", 0xe3069283u)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8a9136aau)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0x62a8ab43u)]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x46dd794eu)]
    [InlineData("", 0u)]
    public void The_checksum_is_crc32c(string hex, uint expected) => Assert.Equal(expected, TfRecord.Crc32C(Convert.FromHexString(hex)));

    [Fact]
    public void A_file_is_the_bytes_that_tensorflow_writes()
    {
        // Event(wall_time=1.0, step=3, summary=Summary(value=[Value(tag="a", simple_value=0.5)])) by hand, from event.proto.
        Assert.Equal(
            "09000000000000f03f" + "1003" + "2a0a" + "0a08" + "0a0161" + "150000003f",
            Convert.ToHexStringLower(EventMessage.Scalars(1, 3, [("a", 0.5)])));
        Assert.Equal("09000000000000f03f" + "10ac02" + "1a0d" + Convert.ToHexStringLower("brain.Event:2"u8), Convert.ToHexStringLower(EventMessage.FileVersion(1, 300)));
        Assert.Equal("09000000000000f03f" + "1005" + "3a02" + "0801", Convert.ToHexStringLower(EventMessage.SessionStart(1, 5)));
        byte[] record = TfRecord.Frame("123456789"u8);
        Assert.Equal(9ul, BinaryPrimitives.ReadUInt64LittleEndian(record));
        uint crc = 0xe3069283u;
        Assert.Equal(unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u), BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(^4)));
    }

    [Fact]
    public async Task A_run_s_curves_are_in_one_file_and_a_resumed_one_s_in_two_that_make_the_same_curves()
    {
        var options = _lab.Options with { InitFrom = "auto" };
        await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        var whole = Curves(Path.Combine(_lab["whole"], "tensorboard"), out int files);
        Assert.Equal(1, files);
        Assert.Equal(["grad_norm", "loss/train", "loss/train_eval", "loss/val", "lr", "tokens_per_second"], whole.Keys.Order());
        Assert.Equal(Enumerable.Range(1, 12).Select(step => (long)step), whole["loss/train"].Keys);
        Assert.Equal([0, 4, 8, 12], whole["loss/val"].Keys);
        var metrics = MetricsFile.Read(_lab["whole"]);
        Assert.Equal(metrics.OfType<StepMetrics>().Select(step => (float)step.Loss), whole["loss/train"].Values);
        Assert.Equal(metrics.OfType<EvaluationMetrics>().Select(evaluation => (float)evaluation.Losses[^1].Loss), whole["loss/val"].Values);

        await _lab.RunUntilAsync(options, 10);
        // As a kill leaves it: the newest checkpoint was never finished.
        Directory.Delete(_lab.Checkpoints()[^1].Directory, recursive: true);
        await _lab.RunAsync(options);
        var resumed = Curves(Path.Combine(_lab.Out, "tensorboard"), out files);
        Assert.Equal(2, files);
        foreach (string tag in whole.Keys.Where(tag => tag != "tokens_per_second"))
        {
            Assert.Equal(whole[tag], resumed[tag]);
        }
    }

    [Fact]
    public void A_new_file_comes_after_those_that_are_there_whatever_the_clock_says()
    {
        var time = new FixedTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        string[] paths = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            using var writer = TensorBoardWriter.Create(_directory.Path, null, time);
            return writer.Path;
        })];
        Assert.Equal(3, paths.Distinct().Count());
        Assert.Equal(paths, paths.Order(StringComparer.Ordinal));
        Assert.StartsWith("events.out.tfevents.1767225600.", Path.GetFileName(paths[0]), StringComparison.Ordinal);
    }

    // As TensorBoard reads a directory: the files by name; a session's start purges what is at its step and after it.
    private static SortedDictionary<string, SortedDictionary<long, float>> Curves(string directory, out int files)
    {
        var curves = new SortedDictionary<string, SortedDictionary<long, float>>();
        string[] paths = [.. Directory.GetFiles(directory).Order(StringComparer.Ordinal)];
        files = paths.Length;
        foreach (string path in paths)
        {
            byte[] bytes = File.ReadAllBytes(path);
            for (int at = 0; at < bytes.Length;)
            {
                int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
                Assert.Equal(TfRecord.MaskedCrc(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
                Assert.Equal(TfRecord.MaskedCrc(bytes.AsSpan(at + 12, length)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
                var fields = Fields(bytes.AsMemory(at + 12, length)).ToLookup(field => field.Number, field => field);
                long step = (long)fields[2].Single().Value;
                if (fields.Contains(7))
                {
                    foreach (var curve in curves.Values)
                    {
                        curve.Keys.Where(key => key >= step).ToList().ForEach(key => curve.Remove(key));
                    }
                }

                foreach (var summary in fields[5])
                {
                    foreach (var value in Fields(summary.Bytes))
                    {
                        var parts = Fields(value.Bytes).ToDictionary(field => field.Number);
                        string tag = Encoding.UTF8.GetString(parts[1].Bytes.Span);
                        if (!curves.TryGetValue(tag, out var curve))
                        {
                            curves[tag] = curve = [];
                        }

                        curve.Add(step, BitConverter.UInt32BitsToSingle((uint)parts[2].Value));
                    }
                }

                at += length + 16;
            }
        }

        return curves;
    }

    private static IEnumerable<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
    {
        for (int at = 0; at < message.Length;)
        {
            ulong key = Varint(message.Span, ref at);
            int number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    yield return (number, Varint(message.Span, ref at), default);
                    break;
                case 1:
                    yield return (number, BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]), default);
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint(message.Span, ref at);
                    yield return (number, 0, message.Slice(at, length));
                    at += length;
                    break;
                default:
                    yield return (number, BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]), default);
                    at += 4;
                    break;
            }
        }
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = bytes[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
