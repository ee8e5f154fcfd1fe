using Importer.Sources;
using Importer.Tests.Golden;
using Importer.Tests.Mapping;
using Importer.Transfer;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Transfer;

public sealed class RowStreamTests
{
    [Theory]
    [MemberData(nameof(GptGoldenTests.Names), MemberType = typeof(GptGoldenTests))]
    public void It_never_holds_more_than_was_said(string name)
    {
        using var directory = ModelDirectory.Open(Repository.Fixture(name));
        foreach (DType? dtype in new DType?[] { null, DType.F64, DType.BF16 })
        {
            var plan = directory.Plan(dtype);
            using var rows = new RowStream(directory.Weights);
            foreach (var row in plan.Rows)
            {
                rows.Write(row, Stream.Null, default);
                Assert.InRange(rows.HeldBytes, 1, RowStream.PeakBytes(plan));
            }
        }
    }

    [Fact]
    public void Importing_gpt2_takes_its_largest_matrix_and_some_blocks()
    {
        long verbatim = RowStream.PeakBytes(Gpt2Headers.Gpt2.Plan());
        long converted = RowStream.PeakBytes(Gpt2Headers.Gpt2.Plan(new() { TargetDType = DType.BF16 }));

        // The largest matrix that is transposed is 768 x 3072; the embedding, 154 MB, goes through in blocks.
        Assert.InRange(verbatim, (768 * 3072 * 4) + 1, (768 * 3072 * 4) + (16 << 20));
        Assert.InRange(converted, (768 * 3072 * 2) + 1, (768 * 3072 * 2) + (32 << 20));
    }
}
