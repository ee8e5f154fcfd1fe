using System.Text.RegularExpressions;
using Tests.Shared;

namespace Importer.Training.Tests;

/// <summary>The table of behaviours in docs/training-rows.md says the truth: every row is there, and the tests that it names exist.</summary>
public sealed partial class TrainingRowsTests
{
    private static readonly string[] Protocol = ["A", "B", "C", "D", "E", "F", "G", "H"];
    private static readonly (string Seed, int Rows)[] Seeds = [("S0", 12), ("S1", 13), ("S2", 13), ("S3", 14), ("S4", 21)];

    // What a later piece of work brings, and what needs more than one process: said so in the row itself.
    private static readonly string[] WithoutTest = ["S2-9", "S2-10", "S2-11", "S2-12"];

    [Fact]
    public void Every_row_names_tests_that_exist()
    {
        string[][] rows = [.. File.ReadAllLines(Path.Combine(Repository.Root, "docs", "training-rows.md")).Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 5 && RowName().IsMatch(cells[1]))];
        Assert.Equal(Seeds.SelectMany(seed => Enumerable.Range(1, seed.Rows).Select(number => $"{seed.Seed}-{number}")).Concat(Protocol), rows.Select(row => row[1]));

        // By class: methods that carry a test's attribute.
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .GroupBy(path => Path.GetFileNameWithoutExtension(path))
            .ToDictionary(files => files.Key, files => files.SelectMany(path => TestMethod().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value)).ToHashSet());
        foreach (string[] row in rows)
        {
            var named = TestName().Matches(row[3]);
            Assert.True(named.Count > 0 || WithoutTest.Contains(row[1]), $"{row[1]} names no test.");
            Assert.All(named, name => Assert.True(
                tests.TryGetValue(name.Groups[1].Value, out var methods) && methods.Contains(name.Groups[2].Value), $"{row[1]}: {name.Value} is no test."));
        }
    }

    [GeneratedRegex("^(S[0-4]-[0-9]+|[A-H])$")]
    private static partial Regex RowName();

    [GeneratedRegex("`([A-Za-z0-9]+)\\.([A-Za-z0-9_]+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\[(?:Skippable)?(?:Fact|Theory|Property)\b[^\n]*\](?:\s*\[[^\n]*\]|\s*//[^\n]*)*\s*public (?:async )?(?:Task|void|Property|bool) ([A-Za-z0-9_]+)\(")]
    private static partial Regex TestMethod();
}
