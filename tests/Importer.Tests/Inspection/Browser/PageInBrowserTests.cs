using System.Globalization;
using Importer.Inspection;
using Importer.Inspection.Page;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Inspection.Browser;

/// <summary>The page as a person has it before them.</summary>
public sealed class PageInBrowserTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Page => _directory["page.html"];

    public void Dispose() => _directory.Dispose();

    private async Task<HeadlessBrowser> Open(string source)
    {
        InspectionPage.Write(await CheckpointInspector.InspectAsync(source, new() { Statistics = true, HistogramBins = 16 }), Page);
        return await HeadlessBrowser.OpenAsync(Page);
    }

    private static async Task<string[]> Names(HeadlessBrowser browser) =>
        [.. (await browser.EvaluateAsync("[...document.querySelectorAll('#rows button')].map(b => b.textContent)"))!.AsArray().Select(name => (string)name!)];

    private static async Task<int> Count(HeadlessBrowser browser, string selector) =>
        (int)(await browser.EvaluateAsync($"document.querySelectorAll({System.Text.Json.JsonSerializer.Serialize(selector)}).length"))!;

    private static async Task Click(HeadlessBrowser browser, string selector) =>
        await browser.EvaluateAsync($"document.querySelector({System.Text.Json.JsonSerializer.Serialize(selector)}).click()");

    private static void HasNothingToComplain(HeadlessBrowser browser, string page)
    {
        Assert.Empty(browser.Complaints);
        Assert.All(browser.Requests, request => Assert.True(request == new Uri(page).AbsoluteUri || request == "data:,", request));
    }

    [SkippableFact]
    public async Task Every_tensor_has_a_cell_and_a_row_and_nothing_is_fetched()
    {
        await using var browser = await Open(Repository.Fixture("tiny-gpt2"));

        Assert.Equal((43, 43, 43), (await Count(browser, ".cell"), await Count(browser, "#rows tr"), await Count(browser, "#rows svg.spark")));
        Assert.Equal("98,112", (string?)await browser.EvaluateAsync("document.querySelector('#cards dd').textContent"));
        Assert.Equal(43, (int)(await browser.EvaluateAsync(
            "[...document.querySelectorAll('.cell')].filter(c => c.getAttribute('aria-label') && c.offsetWidth > 0 && c.offsetHeight > 0).length"))!);
        HasNothingToComplain(browser, Page);
    }

    [SkippableFact]
    public async Task A_tensor_whose_data_is_damaged_is_among_the_problems()
    {
        string weights = _directory["x.safetensors"];
        SafeTensorWriter.Write(weights, [SafeTensorEntry.FromBytes("flags", DType.Bool, [2], new byte[] { 2, 1 })]);
        await using var browser = await Open(weights);

        string problems = (string)(await browser.EvaluateAsync("document.getElementById('problems').textContent"))!;
        Assert.Contains("flags: Element 0 of a BOOL tensor is 2", problems, StringComparison.Ordinal);
        HasNothingToComplain(browser, Page);
    }

    [SkippableFact]
    public async Task Cells_fill_the_map_in_proportion_and_do_not_overlap()
    {
        await using var browser = await Open(Repository.Fixture("tiny-gpt2"));

        double covered = (double)(await browser.EvaluateAsync("""
            (() => { const m = document.getElementById('treemap').getBoundingClientRect();
              const area = c => { const r = c.getBoundingClientRect(); return r.width * r.height; };
              return [...document.querySelectorAll('.cell')].reduce((s, c) => s + area(c), 0) / (m.width * m.height); })()
            """))!;
        double ratio = (double)(await browser.EvaluateAsync("""
            (() => { const find = name => [...document.querySelectorAll('.cell')].find(c => c.title.startsWith(name + '\n')).getBoundingClientRect();
              const a = find('h.0.mlp.c_fc.weight'), b = find('h.0.attn.c_proj.weight'); return a.width * a.height / (b.width * b.height); })()
            """))!;

        Assert.InRange(covered, 0.95, 1.0);
        Assert.Equal(4, ratio, 0.2);
    }

    [SkippableFact]
    public async Task A_column_sorts_both_ways_and_says_so()
    {
        await using var browser = await Open(Repository.Fixture("tiny-gpt2"));
        const string bytes = "#head th:nth-child(5)";

        await Click(browser, bytes + " button");
        string[] largest = await Names(browser);
        string? first = (string?)await browser.EvaluateAsync($"document.querySelector('{bytes}').getAttribute('aria-sort')");
        await Click(browser, bytes + " button");
        string[] least = await Names(browser);
        await Click(browser, "#head th:nth-child(1) button");
        string[] named = await Names(browser);

        Assert.Equal(("wte.weight", "descending"), (largest[0], first));
        Assert.Equal(largest[0], least[^1]);
        Assert.Equal(named.Order(StringComparer.Ordinal), named);
        Assert.Equal(1, await Count(browser, "th[aria-sort]"));
    }

    [SkippableFact]
    public async Task A_search_leaves_the_rows_that_have_every_word()
    {
        await using var browser = await Open(Repository.Fixture("tiny-gpt2"));

        await browser.PressAsync("/");
        string? focused = (string?)await browser.EvaluateAsync("document.activeElement.id");
        await browser.EvaluateAsync("(() => { const s = document.getElementById('search'); s.value = 'H.1 weight [48,'; s.dispatchEvent(new Event('input')); })()");

        Assert.Equal("search", focused);
        Assert.All(await Names(browser), name => Assert.StartsWith("h.1.", name, StringComparison.Ordinal));
        Assert.Equal(3, (await Names(browser)).Length);
        Assert.StartsWith("3 of 43 tensors", (string?)await browser.EvaluateAsync("document.getElementById('count').textContent"), StringComparison.Ordinal);
        Assert.Equal(40, await Count(browser, ".cell.faint"));
    }

    [SkippableFact]
    public async Task The_map_is_one_stop_for_the_keyboard_and_arrows_move_in_it()
    {
        await using var browser = await Open(Repository.Fixture("tiny-gpt2"));
        Assert.Equal(1, await Count(browser, ".cell[tabindex='0']"));

        await browser.EvaluateAsync("document.querySelector(\".cell[tabindex='0']\").focus()");
        string? before = (string?)await browser.EvaluateAsync("document.activeElement.title");
        await browser.PressAsync("ArrowRight");
        string? after = (string?)await browser.EvaluateAsync("document.activeElement.title");
        await browser.PressAsync("Enter");
        string? shown = (string?)await browser.EvaluateAsync("document.querySelector('#detail h3').textContent");
        int drawn = await Count(browser, "#detail svg.histogram");
        await browser.PressAsync("Escape");

        Assert.NotEqual(before, after);
        Assert.Equal(after!.Split('\n')[0], shown);
        Assert.Equal(1, drawn);
        Assert.True((bool)(await browser.EvaluateAsync("document.getElementById('detail').hidden"))!);
        HasNothingToComplain(browser, Page);
    }

    [SkippableFact]
    public async Task Hostile_names_are_text()
    {
        string[] names =
        [
            "</script><script>window.harmed = 1</script>", "<img src=x onerror=\"window.harmed = 2\">", "\" onfocus=\"window.harmed = 3\" autofocus=\"",
            "'-alert(1)-'", "{{data}}", "a\u202eb\u0007", "__proto__", "constructor", "javascript:alert(1)", "&lt;b&gt;",
        ];
        string weights = StoredModel.Write(_directory["weights.safetensors"], names.Select(name => StoredModel.Stored.Of(name, DType.F32, 1f, 2f)));

        await using var browser = await Open(weights);
        string[] shown = await Names(browser);
        await browser.EvaluateAsync("[...document.querySelectorAll('#rows tr')].forEach(row => row.click())");

        Assert.Equal(names.Select(name => name.Replace("\u202e", "\\u202e", StringComparison.Ordinal).Replace("\u0007", "\\u0007", StringComparison.Ordinal)).Order(), shown.Order());
        Assert.Equal("undefined", (string?)await browser.EvaluateAsync("typeof window.harmed"));
        Assert.Equal(0, await Count(browser, "img"));
        Assert.Equal(2, await Count(browser, "script"));
        HasNothingToComplain(browser, Page);
    }

    [SkippableFact]
    public async Task Thousands_of_tensors_are_drawn_a_few_hundred_rows_at_a_time()
    {
        const int count = 4000;
        string weights = StoredModel.Write(
            _directory["weights.safetensors"],
            Enumerable.Range(0, count).Select(i => StoredModel.Stored.Of(string.Create(CultureInfo.InvariantCulture, $"layers.{i / 20}.t{i % 20}"), DType.F32, new float[1 + i % 50])));

        await using var browser = await Open(weights);
        int first = await Count(browser, "#rows tr");
        await Click(browser, "#more");
        int more = await Count(browser, "#rows tr");
        await Click(browser, ".cell:last-child");

        Assert.Equal((count, 300, 600), (await Count(browser, ".cell"), first, more));
        Assert.Equal(1, await Count(browser, "#rows tr.selected"));
        HasNothingToComplain(browser, Page);
    }

    [SkippableFact]
    public async Task It_is_readable_in_light_and_in_dark()
    {
        await using var browser = await Open(Repository.Fixture("tiny-gpt2"));
        const string contrast = """
            (() => { const l = c => { const v = c.match(/[\d.]+/g).slice(0, 3).map(x => x / 255).map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
                return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
              const s = getComputedStyle(document.body), h = getComputedStyle(document.querySelector('.hint'));
              const of = (a, b) => (Math.max(l(a), l(b)) + 0.05) / (Math.min(l(a), l(b)) + 0.05);
              return [of(s.color, s.backgroundColor), of(h.color, s.backgroundColor), l(s.backgroundColor)]; })()
            """;

        await browser.PreferAsync("light");
        double[] light = [.. (await browser.EvaluateAsync(contrast))!.AsArray().Select(value => (double)value!)];
        await browser.PreferAsync("dark");
        double[] dark = [.. (await browser.EvaluateAsync(contrast))!.AsArray().Select(value => (double)value!)];

        // WCAG 2.2 asks for 4.5.
        Assert.All(new[] { light[0], light[1], dark[0], dark[1] }, ratio => Assert.True(ratio >= 4.5, $"{ratio}"));
        Assert.True(light[2] > 0.8 && dark[2] < 0.1);
    }

    [SkippableFact]
    public async Task A_checkpoint_without_configuration_or_statistics_is_a_page_too()
    {
        string weights = StoredModel.Write(_directory["weights.safetensors"], StoredModel.Stored.Of<float>("empty", DType.F32));
        InspectionPage.Write(await CheckpointInspector.InspectAsync(weights), Page);

        await using var browser = await HeadlessBrowser.OpenAsync(Page);

        Assert.Equal((0, 1), (await Count(browser, ".cell"), await Count(browser, "#rows tr")));
        Assert.False((bool)(await browser.EvaluateAsync("document.getElementById('problems').hidden"))!);
        HasNothingToComplain(browser, Page);
    }
}
