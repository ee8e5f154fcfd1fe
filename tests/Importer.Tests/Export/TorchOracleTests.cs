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

    // A GPT-2 with nanoGPT's modules and their names, which takes the state dict strictly.
    private const string Model = """
        import json, math, sys, torch
        from torch import nn
        from torch.nn import functional as F
        root = torch.load(sys.argv[1], map_location='cpu')
        a = root['model_args']
        n, heads, bias = a['n_embd'], a['n_head'], a['bias']
        class Norm(nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = nn.Parameter(torch.ones(n))
                self.bias = nn.Parameter(torch.zeros(n)) if bias else None
            def forward(self, x): return F.layer_norm(x, (n,), self.weight, self.bias, 1e-5)
        class Attention(nn.Module):
            def __init__(self):
                super().__init__()
                self.c_attn, self.c_proj = nn.Linear(n, 3 * n, bias=bias), nn.Linear(n, n, bias=bias)
            def forward(self, x):
                b, t, _ = x.shape
                q, k, v = (y.view(b, t, heads, n // heads).transpose(1, 2) for y in self.c_attn(x).split(n, dim=2))
                scores = (q @ k.transpose(-2, -1)) / math.sqrt(n // heads)
                scores = scores.masked_fill(torch.triu(torch.ones(t, t, dtype=torch.bool), 1), float('-inf'))
                return self.c_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, n))
        class Mlp(nn.Module):
            def __init__(self):
                super().__init__()
                self.c_fc, self.c_proj = nn.Linear(n, 4 * n, bias=bias), nn.Linear(4 * n, n, bias=bias)
            def forward(self, x): return self.c_proj(F.gelu(self.c_fc(x)))
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.ln_1, self.attn, self.ln_2, self.mlp = Norm(), Attention(), Norm(), Mlp()
            def forward(self, x):
                x = x + self.attn(self.ln_1(x))
                return x + self.mlp(self.ln_2(x))
        class Gpt(nn.Module):
            def __init__(self):
                super().__init__()
                self.transformer = nn.ModuleDict(dict(
                    wte=nn.Embedding(a['vocab_size'], n), wpe=nn.Embedding(a['block_size'], n), h=nn.ModuleList([Block() for _ in range(a['n_layer'])]), ln_f=Norm()))
                self.lm_head = nn.Linear(n, a['vocab_size'], bias=False)
                self.transformer.wte.weight = self.lm_head.weight
            def forward(self, ids):
                x = self.transformer.wte(ids) + self.transformer.wpe(torch.arange(ids.shape[1]))
                for block in self.transformer.h: x = block(x)
                return self.lm_head(self.transformer.ln_f(x))
        model = Gpt().eval()
        print(model.load_state_dict(root['model']), file=sys.stderr)
        ids = torch.tensor([i * 7 % 60 for i in range(24)]).view(2, 12)
        with torch.no_grad(): print(json.dumps(model(ids).reshape(-1).tolist()))
        """;

    // After Model: the optimizer as nanoGPT's configure_optimizers makes it takes the state, finds the original's bits, and steps.
    private const string Resume = """

        original = torch.load(sys.argv[2], map_location='cpu')
        def same(a, b, at):
            assert type(a) is type(b), at
            if torch.is_tensor(a): assert a.dtype == b.dtype and a.shape == b.shape and torch.equal(a, b), at
            elif isinstance(a, dict):
                assert list(a) == list(b), at
                for k in a: same(a[k], b[k], f'{at}/{k}')
            elif isinstance(a, (list, tuple)):
                assert len(a) == len(b), at
                for i, (x, y) in enumerate(zip(a, b)): same(x, y, f'{at}/{i}')
            else: assert a == b, at
        same(original['optimizer'], root['optimizer'], 'optimizer')
        same(original['best_val_loss'], root['best_val_loss'], 'best_val_loss')
        assert original['iter_num'] == root['iter_num']
        parameters = [p for _, p in model.named_parameters()]
        decay, rest = [p for p in parameters if p.dim() >= 2], [p for p in parameters if p.dim() < 2]
        optimizer = torch.optim.AdamW([{'params': decay, 'weight_decay': 0.1}, {'params': rest, 'weight_decay': 0.0}], lr=1e-3, betas=(0.9, 0.99))
        optimizer.load_state_dict(root['optimizer'])
        for p in decay + rest: assert optimizer.state[p]['exp_avg'].shape == p.shape
        model.train()
        F.cross_entropy(model(ids).view(-1, a['vocab_size']), ids.view(-1)).backward()
        optimizer.step()
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

    [SkippableTheory]
    [InlineData("nanogpt-ckpt/ckpt.pt")]
    [InlineData("tiny-gpt2")]
    [InlineData("variant-gelu")]
    public async Task Modules_with_nanoGPTs_names_take_the_state_dict_strictly_and_compute_the_same(string fixture)
    {
        Skip.If(Python is null, "no torch for Python");
        await WeightExporter.ExportAsync(Repository.Fixture(fixture), _directory["out"], Exports.NanoGpt());

        using var logits = JsonDocument.Parse(Run(Python!, Model, _directory["out", "ckpt.pt"])!);

        float[] expected = [.. logits.RootElement.EnumerateArray().Select(number => number.GetSingle())], actual = Exports.Numbers(Exports.Logits(_directory["out"]));
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual).Max(pair => Math.Abs(pair.First - pair.Second)), 0, 1e-4f);
    }

    [SkippableFact]
    public async Task Torch_goes_on_from_the_optimizer_of_a_checkpoint_that_came_through()
    {
        Skip.If(Python is null, "no torch for Python");
        string source = Repository.Fixture("nanogpt-ckpt/ckpt.pt");
        await WeightExporter.ExportAsync(source, _directory["out"], Exports.NanoGpt());

        Assert.NotNull(Run(Python!, Model + Resume, _directory["out", "ckpt.pt"], source));
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
