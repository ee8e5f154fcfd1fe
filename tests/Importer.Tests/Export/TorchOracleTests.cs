using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Importer.Export;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Export;

/// <summary>Python's own torch as the reader, where it is installed.</summary>
public sealed class TorchOracleTests : IDisposable
{
    // torch before 2.0 takes no floats in weights_only, and nanoGPT's own configurations have some: argv[2] says whether there are any.
    private const string Program = """
        import hashlib, json, sys, torch
        if sys.argv[2] == 'strict' or int(torch.__version__.split('.')[0]) >= 2:
            root = torch.load(sys.argv[1], map_location='cpu', weights_only=True)
        else:
            root = torch.load(sys.argv[1], map_location='cpu')
        def digest(t):
            return hashlib.sha256(t.detach().contiguous().reshape(-1).view(torch.uint8 if t.element_size() == 1 else {2: torch.int16, 4: torch.int32, 8: torch.int64}[t.element_size()]).numpy().tobytes()).hexdigest()
        # As nanoGPT's sample.py: the arguments make the configuration, the state dict is taken without _orig_mod.
        args = root['model_args']
        assert set(args) == {'n_layer', 'n_head', 'n_embd', 'block_size', 'bias', 'vocab_size', 'dropout'}, args
        assert not any(k.startswith('_orig_mod.') for k in root['model'])
        assert 'dataset' in root['config'] or sys.argv[2] == 'strict'
        assert root['iter_num'] >= 0 and float(root['best_val_loss']) > 0
        torch.nn.Dropout(args['dropout'])
        model = root['model']
        assert model['lm_head.weight'].data_ptr() == model['transformer.wte.weight'].data_ptr()
        print(json.dumps({k: [str(v.dtype), list(v.shape), digest(v)] for k, v in model.items()}))
        """;

    private static readonly string? Python = new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(name => Run(name, "import torch") is not null);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("nanogpt-ckpt/ckpt.pt", null, "float32")]
    [InlineData("tiny-gpt2", null, "float32")]
    [InlineData("tiny-gpt2-prefixed", null, "bfloat16")]
    [InlineData("tiny-gpt2", DType.F16, "float16")]
    [InlineData("tiny-gpt2-sharded", DType.F64, "float64")]
    public async Task Torch_finds_the_same_bits_in_ckpt_pt(string fixture, DType? dtype, string torch)
    {
        Skip.If(Python is null, "no torch for Python");
        await WeightExporter.ExportAsync(Repository.Fixture(fixture), _directory["out"], new() { Format = ExportFormat.NanoGpt, DType = dtype });

        using var found = JsonDocument.Parse(Run(Python!, Program, _directory["out", "ckpt.pt"], fixture.StartsWith("nano", StringComparison.Ordinal) ? "floats" : "strict")
            ?? throw new InvalidOperationException("torch does not read it"));

        var written = Exports.Read(_directory["out", "ckpt.pt"]);
        Assert.Equal(written.Keys.Order(StringComparer.Ordinal), found.RootElement.EnumerateObject().Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        foreach (var tensor in found.RootElement.EnumerateObject())
        {
            Assert.Equal($"torch.{torch}", tensor.Value[0].GetString());
            Assert.Equal(written[tensor.Name].Shape, string.Join(',', tensor.Value[1].EnumerateArray()));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(written[tensor.Name].Bytes)), tensor.Value[2].GetString());
        }
    }

    private static string? Run(string python, string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(python, ["-c", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0 || arguments.Length == 0, errors.Result);
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
