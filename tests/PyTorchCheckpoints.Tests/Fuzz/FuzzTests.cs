using System.Globalization;
using Xunit.Abstractions;

namespace PyTorchCheckpoints.Tests;

/// <summary>
/// Thousands of checkpoints that are nearly right: each gives values that can be read, or a typed error; soon, and with little memory.
/// 500 cases, 10,000 when the variable NIGHTLY is 1; FUZZ_SEED repeats a single one.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Nearly_valid_files_give_readable_values_or_a_typed_error()
    {
        int[] seeds = Environment.GetEnvironmentVariable("FUZZ_SEED") is { } one
            ? [int.Parse(one, CultureInfo.InvariantCulture)]
            : [.. Enumerable.Range(0, Environment.GetEnvironmentVariable("NIGHTLY") == "1" ? 10_000 : 500)];
        Dictionary<string, int> outcomes = [];
        foreach (int seed in seeds)
        {
            // Several files of each seed: making one costs little.
            PickleMutator mutator = new(seed);
            for (int file = 0; file < 4; file++)
            {
                string outcome = Run(seed, mutator.Next());
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            }
        }

        foreach ((string outcome, int count) in outcomes.OrderByDescending(pair => pair.Value))
        {
            output.WriteLine($"{count,6} {outcome}");
        }

        if (seeds.Length > 1)
        {
            // Otherwise the test would test nothing.
            int all = outcomes.Values.Sum();
            Assert.InRange(outcomes.GetValueOrDefault("read"), all / 10, all * 6 / 10);
            Assert.InRange(outcomes.Count, 9, 100);
        }
    }

    private static string Run(int seed, byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string outcome;
        try
        {
            outcome = Read(bytes);
        }
        catch (CheckpointException e)
        {
            Assert.DoesNotContain(e.Message, char.IsControl);
            Assert.True(e.Position is null || (e.Position >= 0 && e.Position <= bytes.Length), $"FUZZ_SEED={seed}: {e.Position} is not in the file.");
            outcome = $"{e.GetType().Name} {e.Kind}";
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"Repeat with FUZZ_SEED={seed}: {e.Message}", e);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 6 << 20, $"FUZZ_SEED={seed}: {allocated:N0} bytes were allocated for a file of {bytes.Length:N0}.");
        return outcome;
    }

    // What opens must be readable to its last tensor.
    private static string Read(byte[] bytes)
    {
        using PyTorchCheckpoint file = Files.Open(bytes);
        _ = file.Header.Root.ToJson();
        _ = file.Header.FindStateDicts();
        Stack<CheckpointValue> open = new([file.Header.Root]);
        for (int looks = 0; looks < 10_000 && open.TryPop(out CheckpointValue? value); looks++)
        {
            if (value is PyTorchTensor tensor)
            {
                byte[] content = file.ReadBytes(tensor);
                Assert.Equal(tensor.ByteCount, content.Length);
            }

            for (int i = 0; i < value.ChildCount; i++)
            {
                open.Push(value.Child(i));
            }
        }

        try
        {
            _ = file.StateDict.FindTies();
        }
        catch (StateDictException)
        {
            return "read, no state dict";
        }

        return "read";
    }
}
