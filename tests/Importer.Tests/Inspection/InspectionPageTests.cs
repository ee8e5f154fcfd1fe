using System.Text.Json.Nodes;
using Importer.Inspection;
using Importer.Inspection.Page;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Inspection;

public sealed class InspectionPageTests : IDisposable
{
    private const string Hostile = "</script><script>alert('x')</script><img src=x onerror=\"alert(1)\">{{data}}<!--";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private async Task<string> Page(params string[] names)
    {
        string path = StoredModel.Write(_directory["weights.safetensors"], names.Select(name => StoredModel.Stored.Of(name, DType.F32, 1f)));
        InspectionPage.Write(await CheckpointInspector.InspectAsync(path, new() { Statistics = true, HistogramBins = 4 }), _directory["page.html"]);
        return File.ReadAllText(_directory["page.html"]);
    }

    [Fact]
    public async Task A_hostile_name_stays_inside_the_data()
    {
        string page = await Page(Hostile);

        string start = "<script type=\"application/json\" id=\"data\">";
        int from = page.IndexOf(start, StringComparison.Ordinal) + start.Length;
        string data = page[from..page.IndexOf("</script>", from, StringComparison.Ordinal)];
        Assert.DoesNotContain('<', data);
        Assert.Equal(Hostile, (string?)JsonNode.Parse(data)!["tensors"]![0]!["name"]);
        Assert.Equal(2, page.Split("<script", StringSplitOptions.None).Length - 1);
    }

    [Fact]
    public async Task The_page_names_nothing_outside_itself()
    {
        string page = await Page("a");

        string withoutNamespaces = page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
        Assert.DoesNotContain("http", withoutNamespaces.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("{{", page.Replace("\\u007B", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_cannot_be_written_leaves_the_old_one_and_nothing_else()
    {
        var inspection = await CheckpointInspector.InspectAsync(Repository.Fixture("tiny-gpt2"));
        string folder = _directory["sub"];
        Directory.CreateDirectory(Path.Combine(folder, "page.html", "taken"));

        Assert.ThrowsAny<Exception>(() => InspectionPage.Write(inspection, Path.Combine(folder, "page.html")));

        Assert.Equal(["page.html"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_page_replaces_the_one_before()
    {
        var inspection = await CheckpointInspector.InspectAsync(Repository.Fixture("tiny-gpt2"));
        File.WriteAllText(_directory["page.html"], "old");

        InspectionPage.Write(inspection, _directory["page.html"]);

        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(_directory["page.html"]), StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(_directory.Path));
    }
}
