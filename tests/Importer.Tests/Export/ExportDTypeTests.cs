using System.Runtime.InteropServices;
using Importer.Export;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Export;

/// <summary>Another dtype on the way out: rounded right, and never to infinity in silence.</summary>
public sealed class ExportDTypeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    // Ties in both directions, the largest numbers that round down, numbers below the smallest normal one, and what no number is.
    public static TheoryData<float> Numbers =>
    [
        1 + 1f / 2048, 1 + 3f / 2048, 1 + 1f / 256, 1 + 3f / 256, -1 - 1f / 2048, 65504, 65519.996f, MathF.ScaleB(1, -25), MathF.ScaleB(3, -25),
        MathF.ScaleB(1, -14) * 0.9999f, -0f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0.1f, 3.3e-38f,
    ];

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task Numbers_are_rounded_to_nearest_ties_to_even(float number)
    {
        string source = With(("wte.weight", 5, number), ("h.0.attn.c_attn.weight", 7, number)), imported = await Exports.ImportAsync(source, _directory);
        foreach (DType dtype in new[] { DType.F16, DType.BF16 })
        {
            foreach (string from in new[] { source, imported })
            {
                await WeightExporter.ExportAsync(from, _directory["hf"], new() { DType = dtype, Force = true });

                var original = Exports.Read(source);
                foreach (var (name, (written, _, bytes)) in Exports.Read(_directory["hf"]))
                {
                    Assert.Equal(dtype, written);
                    ushort[] expected = [.. MemoryMarshal.Cast<byte, float>(original[name].Bytes).ToArray().Select(value => dtype == DType.F16 ? Half16(value) : Brain(value))];
                    Assert.True(expected.AsSpan().SequenceEqual(MemoryMarshal.Cast<byte, ushort>(bytes)), name);
                }
            }
        }
    }

    [Fact]
    public async Task Numbers_that_the_dtype_cannot_hold_are_refused_all_at_once_and_nothing_is_written()
    {
        string source = With(("wte.weight", 5, 70_000), ("wte.weight", 6, -1e9f), ("h.1.mlp.c_fc.weight", 0, 65_520)), imported = await Exports.ImportAsync(source, _directory);
        foreach (string from in new[] { source, imported })
        {
            var error = await Assert.ThrowsAsync<DTypeOverflowException>(() => WeightExporter.ExportAsync(from, _directory["hf"], new() { DType = DType.F16 }));

            Assert.Equal(DType.F16, error.DType);
            Assert.Equal(
                [new DTypeOverflow("transformer.h.1.mlp.c_fc.weight", 1, 65_520), new("transformer.wte.weight", 2, 1e9f)],
                error.Overflows.OrderBy(overflow => overflow.Parameter, StringComparer.Ordinal));
            Assert.Contains("BF16", error.Remedy, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_directory["hf"]));
        }

        await WeightExporter.ExportAsync(source, _directory["hf"], new() { DType = DType.BF16 });
    }

    [Theory]
    [InlineData(0x7F7F7FFF, false)] // the largest that still rounds to BF16's largest
    [InlineData(0x7F7F8000, true)]
    [InlineData(0xFF7FFFFF, true)] // the lowest of F32
    public async Task The_end_of_BF16_is_found_too(uint bits, bool tooLarge)
    {
        string source = With(("wpe.weight", 3, BitConverter.UInt32BitsToSingle(bits)));
        var export = WeightExporter.ExportAsync(source, _directory["hf"], new() { DType = DType.BF16 });

        if (tooLarge)
        {
            Assert.Contains("F32", (await Assert.ThrowsAsync<DTypeOverflowException>(() => export)).Remedy, StringComparison.Ordinal);
        }
        else
        {
            await export;
            Assert.Equal(0x7F7F, MemoryMarshal.Cast<byte, ushort>(Exports.Read(_directory["hf"])["wpe.weight"].Bytes)[3]);
        }
    }

    [Fact]
    public async Task BF16_and_F64_are_looked_through_for_F16_and_F32()
    {
        string source = With(("wpe.weight", 3, 66_000));
        await WeightExporter.ExportAsync(source, _directory["brain"], new() { DType = DType.BF16 });
        await WeightExporter.ExportAsync(source, _directory["double"], new() { DType = DType.F64 });

        foreach (string wide in new[] { _directory["brain"], _directory["double"] })
        {
            var error = await Assert.ThrowsAsync<DTypeOverflowException>(() => WeightExporter.ExportAsync(wide, _directory["hf"], new() { DType = DType.F16 }));
            Assert.Equal("transformer.wpe.weight", Assert.Single(error.Overflows).Parameter);
        }

        // What F64 made wider comes back as it was.
        await WeightExporter.ExportAsync(_directory["double"], _directory["single"], new() { DType = DType.F32 });
        Assert.All(Exports.Read(_directory["single"]), tensor => Assert.Equal(Exports.Read(source)[tensor.Key].Bytes, tensor.Value.Bytes));

        Patch(_directory["double", "model.safetensors"], "wpe.weight", 3 * 8, BitConverter.GetBytes(1e300));
        var tooLarge = await Assert.ThrowsAsync<DTypeOverflowException>(() => WeightExporter.ExportAsync(_directory["double"], _directory["hf"], new() { DType = DType.F32 }));
        Assert.Equal(new DTypeOverflow("transformer.wpe.weight", 1, 1e300), Assert.Single(tooLarge.Overflows));
    }

    [Fact]
    public void A_dtype_that_no_weights_have_is_wrong_usage()
    {
        Assert.Throws<ArgumentException>(() => { _ = WeightExporter.ExportAsync(Repository.Fixture("tiny-gpt2"), _directory["hf"], new() { DType = DType.I64 }); });
        Assert.Throws<ArgumentException>(() => { _ = WeightExporter.ExportAsync(Repository.Fixture("tiny-gpt2"), _directory["hf"], new() { MaxShardBytes = 0 }); });
        Assert.Throws<ArgumentException>(() => { _ = WeightExporter.ExportAsync(Repository.Fixture("tiny-gpt2"), _directory["hf"], new() { Format = (ExportFormat)7 }); });
    }

    private static ushort Half16(float value) => BitConverter.HalfToUInt16Bits((Half)value);

    private static ushort Brain(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)(float.IsNaN(value) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>tiny-gpt2 with some numbers changed.</summary>
    private string With(params (string Tensor, int Element, float Value)[] changes)
    {
        string source = _directory.CopyFixture("tiny-gpt2", $"source-{Guid.NewGuid():N}");
        foreach (var (tensor, element, value) in changes)
        {
            Patch(Path.Combine(source, "model.safetensors"), tensor, element * 4, BitConverter.GetBytes(value));
        }

        return source;
    }

    private static void Patch(string path, string tensor, int offset, byte[] bytes)
    {
        long place = SafeTensorHeader.Identify(path)[tensor].FileOffset + offset;
        using var stream = File.OpenWrite(path);
        stream.Position = place;
        stream.Write(bytes);
    }
}
