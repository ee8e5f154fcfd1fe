using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>The table of cases in this project's README says the truth.</summary>
public sealed partial class CaseTableTests
{
    private const int Cases = 56;

    [Fact]
    public void Every_case_has_its_row_and_every_test_named_there_exists()
    {
        string[][] rows = [.. File.ReadAllLines(Readme()).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Where(IsCase)];

        Assert.Equal(Enumerable.Range(1, Cases).Select(number => $"{number}"), rows.Select(row => row[1]));
        Assert.All(rows, row => Assert.NotEmpty(TestName().Matches(row[3])));
        Assert.All(rows.SelectMany(row => TestName().Matches(row[3])), AssertIsTest);
    }

    private static bool IsCase(string[] cells) => cells.Length == 5 && int.TryParse(cells[1], out _);

    private static void AssertIsTest(Match name)
    {
        MethodInfo? method = typeof(CaseTableTests).Assembly.GetType($"{typeof(CaseTableTests).Namespace}.{name.Groups[1].Value}")?.GetMethod(
            name.Groups[2].Value);
        Assert.True(method?.GetCustomAttribute<FactAttribute>() is { Skip: null }, $"{name.Value} is no test that runs.");
    }

    private static string Readme([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "README.md");

    [GeneratedRegex("`([A-Za-z]+)\\.([A-Za-z0-9_]+)`")]
    private static partial Regex TestName();
}
