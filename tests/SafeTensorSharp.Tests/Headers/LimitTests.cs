namespace SafeTensorSharp.Tests;

public sealed class LimitTests
{
    [Fact]
    public void Has_the_defaults_of_the_reference_and_of_libtorch()
    {
        SafeTensorLimits limits = new();
        Assert.Equal(100_000_000, limits.MaxHeaderBytes);
        Assert.Equal(1_000_000, limits.MaxTensors);
        Assert.Equal(100_000, limits.MaxMetadataEntries);
        Assert.Equal(64, limits.MaxRank);
        Assert.Equal(4096, limits.MaxNameBytes);
    }

    [Fact]
    public void Bounds_the_header()
    {
        byte[] file = RawFile.Build("{}" + new string(' ', 98));
        Assert.Empty(Parse(file, new SafeTensorLimits { MaxHeaderBytes = 100 }).Tensors);
        SafeTensorLimitException e = Refuses(file, new SafeTensorLimits { MaxHeaderBytes = 99 });
        Assert.Equal(SafeTensorErrorKind.HeaderTooLarge, e.Kind);
        Check(e, nameof(SafeTensorLimits.MaxHeaderBytes), actual: 100, allowed: 99);
    }

    [Fact]
    public void Bounds_the_number_of_tensors()
    {
        byte[] file = RawFile.Build("{" + string.Join(",", Enumerable.Range(0, 5).Select(i => RawFile.Entry($"t{i}", "U8", "[1]", i, i + 1))) + "}", 5);
        Assert.Equal(5, Parse(file, new SafeTensorLimits { MaxTensors = 5 }).Tensors.Count);
        Check(Refuses(file, new SafeTensorLimits { MaxTensors = 4 }), nameof(SafeTensorLimits.MaxTensors), 5, 4);
    }

    [Fact]
    public void Bounds_the_number_of_metadata_entries()
    {
        byte[] file = RawFile.Build("""{"__metadata__":{"a":"","b":"","c":""}}""");
        Assert.Equal(3, Parse(file, new SafeTensorLimits { MaxMetadataEntries = 3 }).Metadata.Count);
        Check(Refuses(file, new SafeTensorLimits { MaxMetadataEntries = 2 }), nameof(SafeTensorLimits.MaxMetadataEntries), 3, 2);
    }

    [Fact]
    public void Bounds_the_rank()
    {
        static byte[] File(int rank) => RawFile.Build("{" + RawFile.Entry("a", "U8", "[" + string.Join(",", Enumerable.Repeat(1, rank)) + "]", 0, 1) + "}", 1);
        Assert.Equal(64, Parse(File(64), new SafeTensorLimits())["a"].Shape.Count);
        SafeTensorLimitException e = Refuses(File(65), new SafeTensorLimits());
        Check(e, nameof(SafeTensorLimits.MaxRank), 65, 64);
        Assert.Equal("a", e.TensorName);
        Assert.Equal(65, Parse(File(65), new SafeTensorLimits { MaxRank = 65 })["a"].Shape.Count);
        Assert.Throws<SafeTensorLimitException>(() => Parse(File(1_000_000), new SafeTensorLimits()));
    }

    [Theory]
    [InlineData("n", 4096, true)]
    [InlineData("n", 4097, false)]
    [InlineData("é", 2048, true)]
    [InlineData("é", 2049, false)]
    [InlineData("\\u0061", 4096, true)]
    [InlineData("\\u0061", 4097, false)]
    [InlineData("\\u00e9", 2049, false)]
    [InlineData("n", 30_000_000, false)]
    public void Bounds_names_by_their_unescaped_bytes(string unit, int count, bool accepted)
    {
        byte[] file = RawFile.Build("{" + RawFile.Entry(string.Concat(Enumerable.Repeat(unit, count)), "U8", "[1]", 0, 1) + "}", 1);
        if (accepted)
        {
            Assert.Single(Parse(file, new SafeTensorLimits()).Tensors);
            return;
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        SafeTensorLimitException e = Refuses(file, new SafeTensorLimits());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(nameof(SafeTensorLimits.MaxNameBytes), e.LimitName);
        Assert.Equal(9, e.Position);
    }

    [Fact]
    public void Reads_a_name_of_64_kB_where_that_is_allowed()
    {
        string name = new('n', 65_536);
        byte[] file = RawFile.Build("{" + RawFile.Entry(name, "U8", "[1]", 0, 1) + "}", 1);
        Assert.Equal(name, Parse(file, new SafeTensorLimits { MaxNameBytes = 65_536 }).Tensors[0].Name);
    }

    [Fact]
    public void The_key_of_the_metadata_is_no_name()
    {
        byte[] file = RawFile.Build("""{"__metadata__":{"format":"pt"},"n":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1);
        Assert.Equal("pt", Parse(file, new SafeTensorLimits { MaxNameBytes = 1 }).Metadata["format"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Refuses_limits_that_make_no_sense(long headerBytes)
    {
        SafeTensorReadOptions options = new() { Limits = new SafeTensorLimits { MaxHeaderBytes = headerBytes } };
        Assert.Throws<ArgumentOutOfRangeException>(() => SafeTensorHeader.Parse(RawFile.Build("{}"), 10, options));
    }

    [Fact]
    public void Refuses_an_undefined_policy()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => SafeTensorHeader.Parse(RawFile.Build("{}"), 10, new SafeTensorReadOptions { Bools = (BoolPolicy)9 }));
    }

    private static SafeTensorHeader Parse(byte[] file, SafeTensorLimits limits) =>
        SafeTensorHeader.Parse(file, file.Length, new SafeTensorReadOptions { Limits = limits });

    private static SafeTensorLimitException Refuses(byte[] file, SafeTensorLimits limits) =>
        Assert.Throws<SafeTensorLimitException>(() => Parse(file, limits));

    private static void Check(SafeTensorLimitException e, string name, ulong actual, long allowed)
    {
        Assert.Equal((name, actual, allowed), (e.LimitName, e.Actual, e.Allowed));
        Assert.Contains($"SafeTensorLimits.{name}", e.Message, StringComparison.Ordinal);
    }
}
