using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>What a power cut would find: a name in the cache only ever leads to bytes that are on the disk.</summary>
public sealed class DurabilityTests : HubTest
{
    [Fact]
    public async Task Content_is_flushed_whole_before_it_appears()
    {
        var flushed = new List<(long Length, bool Appeared)>();
        void Flush(SafeFileHandle file)
        {
            flushed.Add((RandomAccess.GetLength(file), File.Exists(Blob(Weights))));
            RandomAccess.FlushToDisk(file);
        }

        await Client(setup => setup.Seams = new HubTestSeams { FlushToDisk = Flush }).DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal([(Weights.Content.Length, false)], flushed);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Blob(Weights)));
    }

    /// <summary>The kernel's own record: flush of the file, rename, flush of the directory.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Blob_and_reference_are_flushed_renamed_and_their_directories_flushed(bool links)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && await CanTraceAsync(), "strace is not there, or may not trace.");
        string trace = Path.Combine(Root, "trace");
        Dictionary<string, string> variables = ProcessVariables();
        variables["HF_HUB_DISABLE_SYMLINKS"] = links ? "0" : "1";
        using (Downloader process = Downloader.Start(
            variables, "strace", "-f", "-y", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync,rename,renameat,renameat2"))
        {
            await process.FinishAsync();
        }

        string[] calls = [.. (await File.ReadAllLinesAsync(trace)).Where(line => !line.Contains("ENOENT", StringComparison.Ordinal))];
        AssertDurable(calls, Blob(Weights));
        AssertDurable(calls, Path.Combine(RepoCache, "refs", "main"));
    }

    private static void AssertDurable(string[] calls, string path)
    {
        int rename = Array.FindIndex(calls, call => call.Contains("rename", StringComparison.Ordinal) && call.Contains($", \"{path}\"", StringComparison.Ordinal));
        Assert.True(rename >= 0, $"{path} was never renamed into place:\n{string.Join('\n', calls)}");
        string temporary = calls[rename].Split('"')[1];
        Assert.Contains(calls[..rename], call => IsFlush(call, temporary));
        Assert.Contains(calls[rename..], call => IsFlush(call, Path.GetDirectoryName(path)!));
    }

    private static bool IsFlush(string call, string path) =>
        call.Contains("sync(", StringComparison.Ordinal) && call.Contains($"<{path}>", StringComparison.Ordinal);

    private static async Task<bool> CanTraceAsync()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
