using FsCheck;
using FsCheck.Fluent;

namespace SafeTensorSharp.Tests;

public sealed class RoundTripTests
{
    [Fact]
    public void What_is_written_is_read_back_and_aligned()
    {
        using TempDirectory directory = new();
        string path = directory["m.safetensors"];
        Prop.ForAll(Arb.From(Files()), file =>
        {
            SafeTensorWriteOptions options = new() { DataAlignment = file.Alignment, FlushToDisk = false, ComputeSha256 = true };
            SafeTensorWriteResult result = SafeTensorWriter.Write(path, file.Tensors.Select(ToEntry), file.Metadata, options);
            using SafeTensorFile read = SafeTensorFile.Open(path, new SafeTensorReadOptions { Bools = BoolPolicy.Keep });
            Assert.Equal(file.Metadata.OrderBy(p => p.Key, StringComparer.Ordinal), read.Header.Metadata.OrderBy(p => p.Key, StringComparer.Ordinal));
            Assert.Equal(file.Tensors.Count, read.Header.Tensors.Count);
            Assert.Equal(0, read.Header.DataOffset % file.Alignment);
            Assert.Equal(new FileInfo(path).Length, result.BytesWritten);
            foreach (Sample sample in file.Tensors)
            {
                SafeTensorInfo tensor = read.Header[sample.Name];
                Assert.Equal(sample.DType, tensor.DType);
                Assert.Equal(sample.Shape, tensor.Shape);
                Assert.Equal(sample.Shape.Aggregate(1L, (product, d) => product * d), tensor.ElementCount);
                Assert.True(tensor.IsAligned);
                Assert.Equal(sample.Data, read.ReadBytes(sample.Name));
            }

            // Writing again what was read gives the same file, to the byte.
            string copy = directory["copy.safetensors"];
            SafeTensorWriteResult again = SafeTensorWriter.Write(
                copy, read.Header.Tensors.Select(t => SafeTensorEntry.FromFile(read, t)), read.Header.Metadata, options);
            Assert.Equal(result.Sha256, again.Sha256);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(7, 5));
    }

    private static SafeTensorEntry ToEntry(Sample sample, int index) => index % 2 == 0
        ? SafeTensorEntry.FromBytes(sample.Name, sample.DType, sample.Shape, sample.Data)
        : SafeTensorEntry.FromWriter(sample.Name, sample.DType, sample.Shape, stream => stream.Write(sample.Data));

    private static Gen<TestFile> Files()
    {
        Gen<string> text = Gen.Choose(0, 12).SelectMany(length => Gen.Elements(
            "a", "Z", ".", "0", "\"", "\\", "/", "\n", "\0", "\u001f", "\u007f", "é", "日", "\u2028", "\uFFFF", "😀", "\u202E", " ").ArrayOf(length))
            .Select(string.Concat);
        Gen<Sample> tensor =
            from name in text
            from dtype in Gen.Elements(DTypes.All.ToArray())
            from shape in Gen.Choose(0, 4).SelectMany(rank => Gen.Choose(0, 5).Select(d => (long)d).ArrayOf(rank))
            from seed in Gen.Choose(0, int.MaxValue)
            select Sample.Create(name, dtype, shape, seed);
        return
            from tensors in Gen.Choose(0, 12).SelectMany(count => tensor.ArrayOf(count))
            from keys in Gen.Choose(0, 4).SelectMany(count => text.ArrayOf(count))
            from value in text
            from alignment in Gen.Elements(8, 16, 64, 4096)
            select new TestFile(
                [.. tensors.DistinctBy(t => t.Name)], keys.Distinct().ToDictionary(key => key, key => value + key), alignment);
    }

    private sealed record TestFile(List<Sample> Tensors, Dictionary<string, string> Metadata, int Alignment);

    private sealed record Sample(string Name, DType DType, long[] Shape, byte[] Data)
    {
        public static Sample Create(string name, DType dtype, long[] shape, int seed)
        {
            // Elements of 4 and 6 bits fill whole bytes by fours.
            long[] whole = DTypes.BitSize(dtype) < 8 ? [.. shape, 4] : shape;
            byte[] data = new byte[DTypes.ByteCount(dtype, whole.Aggregate(1L, (product, d) => product * d))];
            new Random(seed).NextBytes(data);
            return new Sample(name, dtype, whole, data);
        }
    }
}
