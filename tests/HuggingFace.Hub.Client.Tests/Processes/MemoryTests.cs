using System.Globalization;

namespace HuggingFace.Hub.Client.Tests;

public sealed class MemoryTests : HubTest
{
    [Fact]
    public async Task Memory_does_not_grow_with_the_file()
    {
        long small = await PeakAsync(FakeFile.Lfs("small.bin", 1 << 20));
        long large = await PeakAsync(FakeFile.Lfs("large.bin", 96 << 20));

        Assert.InRange(large - small, long.MinValue, 48L << 20);
    }

    private async Task<long> PeakAsync(FakeFile file)
    {
        Repo.Commit([file]);
        Dictionary<string, string> variables = ProcessVariables(file.Path);
        variables["TEST_BLOCK"] = $"{4 << 20}";
        variables["TEST_THRESHOLD"] = "0";
        variables["TEST_WORKERS"] = "8";
        variables["TEST_REPORT_MEMORY"] = "1";
        using Downloader process = Downloader.Start(variables);
        string[] lines = (await process.FinishAsync()).Split('\n');
        Assert.StartsWith("ok ", lines[0], StringComparison.Ordinal);
        return long.Parse(lines[1]["peak ".Length..], CultureInfo.InvariantCulture);
    }
}
