using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CheckpointStorage.Tests.Processes;

/// <summary>The kernel's own record of a save.</summary>
public sealed partial class DurabilityTests : StoreTest
{
    [SkippableFact]
    public async Task Files_are_flushed_before_the_rename_and_directories_after_in_the_order_of_the_protocol()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && await CanRunAsync("strace", "-o", "/dev/null", "true"), "strace is not there, or may not trace.");
        using (var store = CheckpointStore.Open(Root))
        {
            for (int step = 1; step < 5; step++)
            {
                await store.SaveAsync(Sample.Content(step, 1.0 / (step + 1)));
            }
        }

        string trace = Path.Combine(Path.GetDirectoryName(Root)!, "trace");
        string calls = "trace=fsync,fdatasync,rename,renameat,renameat2,mkdir,unlink,rmdir,openat,fadvise64";
        using Saver saver = Saver.Start(["save", Root, "5", "3000"], null, "strace", "-f", "-y", "-qq", "-o", trace, "-e", calls);
        var (exitCode, output) = await saver.FinishAsync();
        Assert.True(exitCode == 0, output);

        string id = output.Split(' ')[1];
        List<string> events = [];
        string temporary = "?";
        foreach (string line in await File.ReadAllLinesAsync(trace))
        {
            if (line.Contains(Root, StringComparison.Ordinal) && !line.Contains("= -1", StringComparison.Ordinal))
            {
                Match made = TemporaryDirectory().Match(line);
                temporary = made.Success ? made.Value : temporary;
                Add(events, line.Replace(temporary, "TMP", StringComparison.Ordinal).Replace(id, "NEW", StringComparison.Ordinal).Replace(Root, "ROOT", StringComparison.Ordinal));
            }
        }

        string[] expected =
        [
            "mkdir ROOT/TMP",
            "fsync ROOT/TMP/model.safetensors",
            "fsync ROOT/TMP/trainer.json",
            "fsync ROOT/TMP/manifest.json",
            "fsync ROOT/TMP",
            "rename ROOT/TMP ROOT/NEW",
            "fsync ROOT",
            "uncache ROOT/NEW/manifest.json",
            "uncache ROOT/NEW/model.safetensors",
            "uncache ROOT/NEW/trainer.json",
            "fsync POINTER",
            "rename POINTER ROOT/latest",
            "fsync ROOT",
            "fsync POINTER",
            "rename POINTER ROOT/best",
            "fsync ROOT",
            "rename OLD TRASH",
            "fsync ROOT",
            "unlink TRASH/model.safetensors",
            "rmdir TRASH",
        ];
        int next = 0;
        foreach (string happened in events)
        {
            next += next < expected.Length && happened == expected[next] ? 1 : 0;
        }

        Assert.True(next == expected.Length, $"\"{expected[Math.Min(next, expected.Length - 1)]}\" did not come in its turn:\n{string.Join('\n', events)}");
        Assert.Single(events, e => e == "rename ROOT/TMP ROOT/NEW");
        Assert.DoesNotContain(events.TakeWhile(e => e != "rename ROOT/TMP ROOT/NEW"), e => e.Contains("TRASH", StringComparison.Ordinal) || e.Contains("latest", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData("EIO")]
    [InlineData("ENOSPC")]
    public async Task A_flush_that_the_kernel_says_has_failed_is_no_checkpoint(string error)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && await CanRunAsync("strace", "-o", "/dev/null", "true"), "strace is not there, or may not trace.");
        using (var store = CheckpointStore.Open(Root))
        {
            await store.SaveAsync(1);
        }

        // Of files and directories alike; .NET's own FlushToDisk would not tell.
        using Saver saver = Saver.Start(["save", Root, "5", "3000"], null, "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", $"inject=fsync:error={error}");
        var (exitCode, output) = await saver.FinishAsync();

        Assert.True(exitCode == 1, output);
        Assert.StartsWith("error CheckpointSaveException", output, StringComparison.Ordinal);
        Assert.Contains("stage Writing, model.safetensors, attempt 1", output, StringComparison.Ordinal);
        Assert.Contains(error == "ENOSPC" ? "Free some space" : "Check the disk", output, StringComparison.Ordinal);
        Assert.Empty(Leftovers());
        using var again = CheckpointStore.OpenRead(Root);
        Assert.Equal([1L], again.List().Select(info => info.Step));
    }

    [SkippableFact]
    public async Task A_disk_that_fills_up_leaves_every_checkpoint_intact_and_nothing_else()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && await CanRunAsync("unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"), "unshare is not there, or may not mount.");
        Directory.CreateDirectory(Root);
        string script = $"mount -t tmpfs -o size=10m none '{Root}' && exec \"$0\" \"$@\"";
        using Saver saver = Saver.Start(["fill", Root, $"{3 << 20}"], null, "unshare", "-rm", "sh", "-c", script);

        Assert.Equal((0, "saved 3 intact 3 leftovers 0 newest 3 warned True then 4"), await saver.FinishAsync());
    }

    private static void Add(List<string> events, string line)
    {
        string[] quoted = [.. Quoted().Matches(line).Select(match => Name(match.Groups[1].Value))];
        string[] opened = [.. Opened().Matches(line).Select(match => Name(match.Groups[1].Value))];
        string call = Call().Match(line).Groups[1].Value;
        switch (call)
        {
            case "fsync" or "fdatasync":
                events.Add($"fsync {opened[0]}");
                break;
            case "fadvise64" when line.Contains("DONTNEED", StringComparison.Ordinal):
                events.Add($"uncache {opened[0]}");
                break;
            case "rename" or "renameat" or "renameat2":
                events.Add($"rename {quoted[0]} {quoted[1]}");
                break;
            case "mkdir" or "unlink" or "rmdir":
                events.Add($"{call} {quoted[0]}");
                break;
        }
    }

    private static string Name(string path) => OldName().Replace(TrashName().Replace(PointerName().Replace(path, "POINTER"), "TRASH"), "OLD");

    private static async Task<bool> CanRunAsync(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\.tmp-00000005-[0-9a-f]{32}")]
    private static partial Regex TemporaryDirectory();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\(\d+<([^>]*)>")]
    private static partial Regex Opened();

    [GeneratedRegex(@"^\d+ +(\w+)\(")]
    private static partial Regex Call();

    [GeneratedRegex(@"ROOT/\.tmp-(latest|best)-[0-9a-f]{32}")]
    private static partial Regex PointerName();

    [GeneratedRegex(@"ROOT/\.trash-[0-9a-f]{32}-step-[0-9A-Za-z-]*")]
    private static partial Regex TrashName();

    [GeneratedRegex(@"ROOT/step-[0-9A-Za-z-]*")]
    private static partial Regex OldName();
}
