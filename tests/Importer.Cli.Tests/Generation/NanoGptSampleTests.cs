using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using HuggingFace.Hub.FakeHub;
using Importer.Cli.Tests.Hub;
using Tests.Shared;

namespace Importer.Cli.Tests.Generation;

/// <summary>What nanoGPT's sample.py does with what its train.py left.</summary>
public sealed class NanoGptSampleTests : HubCommandTest
{
    // fixtures/nanogpt-ckpt/README.md: what nanoGPT itself makes of these weights, greedily.
    private const string Greedy = "ROMEO:\nI the the the the the the the the the the the the the the t";

    private static readonly string[] Greedily =
        ["--start=ROMEO:", "--num_samples=1", "--max_new_tokens=60", "--top_k=1", "--device=cpu", "--quiet"];

    private static readonly string Expected = $"{Greedy}{Environment.NewLine}---------------{Environment.NewLine}";

    [Fact]
    public async Task A_run_of_nanoGPTs_is_resumed_with_its_characters()
    {
        string run = Run("out-shakespeare-char");

        var outcome = await CommandLine.RunAsync(["sample", "--init_from=resume", $"--out_dir={run}", .. Greedily]);

        Assert.Equal((ExitCode.Success, Expected), (outcome.Code, outcome.Out));
    }

    [Fact]
    public async Task The_characters_are_with_the_data_that_the_run_names_as_nanoGPT_keeps_them()
    {
        string run = Run("out-shakespeare-char");
        string data = Directory["data/shakespeare_char"];
        System.IO.Directory.CreateDirectory(data);
        File.Move(Path.Combine(run, "meta.pkl"), Path.Combine(data, "meta.pkl"));

        var outcome = await CommandLine.RunAsync(["sample", $"--out_dir={run}", .. Greedily]);

        Assert.Equal((ExitCode.Success, Expected), (outcome.Code, outcome.Out));
    }

    [Fact]
    public async Task An_import_takes_the_characters_along()
    {
        var imported = await CommandLine.RunAsync([Run("shakespeare"), "--out", Directory["weights"]]);
        Assert.Equal(ExitCode.Success, imported.Code);

        var outcome = await CommandLine.RunAsync(["sample", $"--init_from={Directory["weights/shakespeare"]}", .. Greedily]);

        Assert.Equal((ExitCode.Success, Expected), (outcome.Code, outcome.Out));
    }

    [Fact]
    public async Task The_tokenizer_may_be_elsewhere()
    {
        string checkpoint = Path.Combine(Repository.Fixture("nanogpt-ckpt"), "ckpt.pt");

        var alone = await CommandLine.RunAsync(["sample", $"--init_from={checkpoint}", .. Greedily]);
        var outcome = await CommandLine.RunAsync(["sample", $"--init_from={checkpoint}", $"--tokenizer={Repository.Fixture("tokenizer-char")}", .. Greedily]);
        var nowhere = await CommandLine.RunAsync(["sample", $"--init_from={checkpoint}", "--tokenizer=./nothing", .. Greedily]);

        Assert.Equal((ExitCode.Success, Expected), (outcome.Code, outcome.Out));
        Assert.NotEqual(ExitCode.Success, alone.Code);
        Assert.Contains("--tokenizer", alone.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("nothing", nowhere.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_none_it_is_GPT2s_and_nothing_else_of_it_is_fetched()
    {
        Server.Add(Gpt2, [.. Files(Repository.Fixture("tokenizer-gpt2")), new FakeFile("model.safetensors", new byte[1000], true)]);

        var outcome = await Run(["sample", $"--init_from={Gpt2Shaped()}", "--start=Hello", "--num_samples=1", "--max_new_tokens=3", "--temperature=0", "--device=cpu", "--quiet"]);

        Assert.Equal((ExitCode.Success, $"Hello!!!{Environment.NewLine}---------------{Environment.NewLine}"), (outcome.Code, outcome.Out));
        Assert.DoesNotContain(System.IO.Directory.GetFiles(Cache, "*", SearchOption.AllDirectories), path => Path.GetFileName(path) == "model.safetensors");
    }

    private string Run(string name)
    {
        string directory = Directory[name];
        System.IO.Directory.CreateDirectory(directory);
        File.Copy(Path.Combine(Repository.Fixture("nanogpt-ckpt"), "ckpt.pt"), Path.Combine(directory, "ckpt.pt"));
        File.Copy(Path.Combine(Repository.Fixture("tokenizer-char"), "meta.pkl"), Path.Combine(directory, "meta.pkl"));
        return directory;
    }

    /// <summary>A model in nanoGPT's layout with GPT-2's vocabulary; all zeros, so that the likeliest token is the first one, "!".</summary>
    private string Gpt2Shaped()
    {
        string directory = Directory["gpt2-shaped"];
        System.IO.Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "config.json"), """{"block_size": 8, "vocab_size": 50257, "n_layer": 1, "n_head": 1, "n_embd": 4, "bias": false}""");
        var header = new Dictionary<string, object>();
        int offset = 0;
        foreach (var (name, rows, columns) in new[]
        {
            ("wte", 50257, 4), ("wpe", 8, 4), ("h.0.ln_1", 4, 0), ("h.0.attn.c_attn", 12, 4), ("h.0.attn.c_proj", 4, 4), ("h.0.ln_2", 4, 0),
            ("h.0.mlp.c_fc", 16, 4), ("h.0.mlp.c_proj", 4, 16), ("ln_f", 4, 0),
        })
        {
            int[] shape = columns == 0 ? [rows] : [rows, columns];
            int bytes = 4 * rows * Math.Max(columns, 1);
            header.Add($"transformer.{name}.weight", new { dtype = "F32", shape, data_offsets = new[] { offset, offset + bytes } });
            offset += bytes;
        }

        byte[] json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header)), file = new byte[8 + json.Length + offset];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        File.WriteAllBytes(Path.Combine(directory, "model.safetensors"), file);
        return directory;
    }
}
