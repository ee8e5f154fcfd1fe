using System.Security.Cryptography;
using System.Text.Json;
using Tests.Shared;

namespace PyTorchCheckpoints.Tests;

public sealed class PyTorchWriterTests
{
    public static TheoryData<TorchDType> DTypes => [.. TorchDTypes.All];

    [Fact]
    public void Reads_back_every_kind_of_value()
    {
        using TemporaryDirectory directory = new();
        DictionaryValue root = EveryKind();
        CheckpointWriteResult result = PyTorchWriter.Write(directory["all.pt"], root);
        using PyTorchCheckpoint file = PyTorchCheckpoint.Open(directory["all.pt"]);
        Assert.Equal(result.BytesWritten, new FileInfo(directory["all.pt"]).Length);
        Assert.Equal(root.ToJson()!.ToJsonString(), file.Header.Root.ToJson()!.ToJsonString());
        Assert.Empty(file.Header.Warnings);
        Assert.Equal(result.StorageCount + 4, file.Verify());
        DictionaryValue read = (DictionaryValue)file.Header.Root;
        Assert.Equal(CheckpointValueKind.Tuple, read["betas"].Kind);
        Assert.Same(read["shared"], ((SequenceValue)read["list"])[0]);
        Assert.Equal(Int128.MinValue, ((IntegerValue)((SequenceValue)read["integers"])[^1]).Value);
    }

    [SkippableFact]
    public void Python_reads_every_kind_of_value()
    {
        Skip.IfNot(PythonOracle.HasPython, "python3 is not installed.");
        using TemporaryDirectory directory = new();
        PyTorchWriter.Write(directory["all.pt"], EveryKind());
        JsonElement root = PythonOracle.Read(directory["all.pt"]);
        Dictionary<string, JsonElement> entries = Entries(root.GetProperty("dict"));
        Assert.Equal("""{"tuple": [{"float": "0.9"}, {"float": "0.95"}]}""", entries["betas"].GetRawText());
        Assert.Equal(["0", "255", "256", "65535", "65536", "-1", "-129", "2147483648", "-2147483649", "9223372036854775808", "128", "-170141183460469231731687303715884105728"],
            entries["integers"].EnumerateArray().Select(item => item.GetProperty("int").GetString()!));
        Assert.Equal("""{"bytes": "00ff80"}""", entries["bytes"].GetRawText());
        Assert.Equal("größer \ud83d\ude80", entries["text"].GetString());
        Assert.Equal("float16", entries["dtype"].GetString());
        Assert.Equal(JsonValueKind.Null, entries["none"].ValueKind);
        Assert.Equal(2500, entries["many"].GetArrayLength());
        Assert.Equal(2001, entries["table"].GetProperty("dict").GetArrayLength());
    }

    [SkippableTheory]
    [MemberData(nameof(DTypes))]
    public void Python_and_this_library_find_the_same_bits_in_every_dtype(TorchDType dtype)
    {
        using TemporaryDirectory directory = new();
        byte[] content = new byte[6 * TorchDTypes.ElementSize(dtype)];
        new Random((int)dtype).NextBytes(content);
        if (dtype == TorchDType.Bool)
        {
            content = [1, 0, 0, 1, 1, 0];
        }

        PyTorchTensor tensor = PyTorchTensor.FromBytes(dtype, [2, 3], content);
        PyTorchWriter.WriteStateDict(directory["w.bin"], [new("w", tensor), new("empty", PyTorchTensor.FromBytes(dtype, [0, 4], default)), new("tied", tensor)]);
        using (PyTorchCheckpoint file = PyTorchCheckpoint.Open(directory["w.bin"]))
        {
            Assert.Equal(dtype, file.StateDict["w"].DType);
            Assert.Equal([2, 3], file.StateDict["w"].Shape);
            Assert.Equal(content, file.ReadBytes(file.StateDict["w"]));
            Assert.Equal([["w", "tied"]], file.StateDict.FindTies());
            Assert.Equal(0, file.GetFileOffset(file.StateDict["w"]) % 64);
        }

        Skip.IfNot(PythonOracle.HasPython, "python3 is not installed.");
        Dictionary<string, JsonElement> entries = Entries(PythonOracle.Read(directory["w.bin"]).GetProperty("ordered"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), entries["w"].GetProperty("sha256").GetString());
        Assert.Equal(entries["w"].GetProperty("key").GetString(), entries["tied"].GetProperty("key").GetString());
        Assert.Equal(TorchDTypes.StorageClass(dtype) ?? TorchDTypes.Name(dtype), entries["w"].GetProperty("tensor").GetString());
    }

    [SkippableTheory]
    [InlineData("tiny-gpt2-bin/pytorch_model.bin")]
    [InlineData("tiny-gpt2-bin-legacy/pytorch_model.bin")]
    [InlineData("tiny-gpt2-sharded-bin/pytorch_model-00001-of-00002.bin")]
    [InlineData("nanogpt-ckpt/ckpt.pt")]
    [InlineData("minimind-like/pretrain_64.pth")]
    public void A_checkpoint_of_PyTorch_copied_here_is_the_same_for_Python(string fixture)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(Repository.Root, "fixtures", fixture), copy = directory["copy.pt"];
        using PyTorchCheckpoint original = PyTorchCheckpoint.Open(path);
        PyTorchWriter.Write(copy, original.Header.Root);
        using PyTorchCheckpoint written = PyTorchCheckpoint.Open(copy);
        Assert.Equal(original.Header.Root.ToJson()!.ToJsonString(), written.Header.Root.ToJson()!.ToJsonString());
        Assert.Equal(original.StateDict.FindTies(), written.StateDict.FindTies());
        foreach (PyTorchTensor tensor in original.StateDict.Tensors)
        {
            Assert.Equal(original.ReadBytes(tensor), written.ReadBytes(written.StateDict[tensor.Name!]));
        }

        Skip.IfNot(PythonOracle.HasPython, "python3 is not installed.");
        JsonElement root = PythonOracle.Read(copy);
        Dictionary<string, JsonElement> entries = root.TryGetProperty("dict", out JsonElement dict) ? Entries(dict) : Entries(root.GetProperty("ordered"));
        if (entries.TryGetValue("model", out JsonElement model))
        {
            entries = Entries(model.GetProperty("ordered"));
        }

        foreach (PyTorchTensor tensor in original.StateDict.Tensors)
        {
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(original.ReadBytes(tensor))), entries[tensor.Name!].GetProperty("sha256").GetString());
        }
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Torch_loads_what_is_written_and_finds_the_same_bits(bool asNanoGpt)
    {
        Skip.IfNot(PythonOracle.HasTorch, "torch is not installed for python3.");
        using TemporaryDirectory directory = new();
        PyTorchTensor tied = PyTorchTensor.FromBytes(TorchDType.Float32, [2, 3], Files.Bytes<float>(1, -0f, float.NaN, 4, 5, 6));
        PyTorchTensor half = PyTorchTensor.FromBytes(TorchDType.BFloat16, [4], Files.Bytes<ushort>(1, 2, 3, 4));
        KeyValuePair<string, PyTorchTensor>[] tensors = [new("wte", tied), new("head", tied), new("half", half)];
        DictionaryValue state = PyTorchWriter.StateDict(tensors);
        PyTorchWriter.Write(directory["ckpt.pt"], asNanoGpt ? NanoGpt(state) : state);
        JsonElement read = PythonOracle.ReadWithTorch(directory["ckpt.pt"]);
        using PyTorchCheckpoint file = PyTorchCheckpoint.Open(directory["ckpt.pt"]);
        foreach (PyTorchTensor tensor in file.StateDict.Tensors)
        {
            JsonElement found = read.GetProperty(tensor.Name!);
            Assert.Equal("torch." + TorchDTypes.Name(tensor.DType), found[0].GetString());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file.ReadBytes(tensor))), found[2].GetString());
        }

        Assert.Equal(read.GetProperty("wte")[3].GetInt64(), read.GetProperty("head")[3].GetInt64());
    }

    [Fact]
    public void Writes_nanoGPTs_checkpoint_as_it_reads_it()
    {
        using TemporaryDirectory directory = new();
        PyTorchTensor weight = PyTorchTensor.FromBytes(TorchDType.Float32, [2, 2], Files.Bytes<float>(1, 2, 3, 4));
        PyTorchWriter.Write(directory["ckpt.pt"], NanoGpt(PyTorchWriter.StateDict([new("transformer.wte.weight", weight), new("lm_head.weight", weight)])));
        using PyTorchCheckpoint file = PyTorchCheckpoint.Open(directory["ckpt.pt"]);
        Assert.Equal("model", file.StateDict.Keys);
        Assert.Equal("""{"n_layer":1,"bias":false,"dropout":0.0}""", file.ToJson("model_args")!.ToJsonString());
        Assert.Equal(2.5, (double)file.ToJson("best_val_loss")!);
        Assert.True(OptimizerState.TryRead(((DictionaryValue)file.Header.Root)["optimizer"], out OptimizerState? optimizer));
        Assert.True(optimizer.TryGetTensor(0, "exp_avg", out PyTorchTensor? moment));
        Assert.Equal([0.5f, 0.25f, 0, 0], Files.Floats(file.ReadBytes(moment)));
    }

    [Fact]
    public void The_same_content_gives_the_same_bytes()
    {
        using TemporaryDirectory directory = new();
        CheckpointWriteOptions options = new() { ComputeSha256 = true };
        Directory.CreateDirectory(directory["a"]);
        string? first = PyTorchWriter.Write(directory["x.pt"], EveryKind(), options).Sha256;
        string? second = PyTorchWriter.Write(directory["a", "x.pt"], EveryKind(), options).Sha256;
        Assert.Equal(first, second);
        Assert.Equal(first, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(directory["x.pt"]))));
    }

    [Fact]
    public void Parameters_keep_being_parameters()
    {
        byte[] bytes = ZipBuilder.Checkpoint(
            PickleBuilder.Start().Dict(("p", p => p.Global("torch._utils", "_rebuild_parameter").Tuple(q => q.Tensor("0", 2), q => q.True(), q => q.OrderedDict()).Op('R'))).Stop(),
            ("0", new byte[8])).ToArray();
        using TemporaryDirectory directory = new();
        using PyTorchCheckpoint original = Files.Open(bytes);
        Assert.True(original.StateDict["p"] is { IsParameter: true, RequiresGrad: true });
        PyTorchWriter.Write(directory["p.pt"], original.Header.Root);
        Assert.True(CheckpointHeader.Identify(directory["p.pt"]).StateDict["p"] is { IsParameter: true, RequiresGrad: true });
    }

    [Fact]
    public void Tells_everything_that_cannot_be_written_and_leaves_no_file()
    {
        using TemporaryDirectory directory = new();
        DictionaryValue cyclic = new() { { "x", 1L } };
        cyclic.Add("self", SequenceValue.List(cyclic));
        CheckpointValue deep = 1L;
        for (int i = 0; i < 300; i++)
        {
            deep = SequenceValue.Tuple(deep);
        }

        DictionaryValue root = new() { { "cyclic", cyclic }, { "half", "\ud800" }, { "deep", deep }, { "opaque", new OpaqueValue("a.b") } };
        CheckpointWriteException e = Assert.Throws<CheckpointWriteException>(() => PyTorchWriter.Write(directory["x.pt"], root));
        Assert.Equal(4, e.Problems.Count);
        Assert.Equal(CheckpointErrorKind.InvalidValue, e.Kind);
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
        Assert.Throws<ArgumentException>(() => new DictionaryValue { { "a", 1L }, { "a", 2L } });
        Assert.Throws<ArgumentException>(() => new DictionaryValue { { double.NaN, 1L } });
        Assert.Throws<ArgumentException>(() => new DictionaryValue { { SequenceValue.Tuple(), 1L } });
        Assert.Throws<ArgumentException>(() => PyTorchTensor.FromBytes(TorchDType.Float32, [long.MaxValue, 2], default));
        Assert.Throws<ArgumentException>(() => PyTorchTensor.FromBytes(TorchDType.Float32, [-1], default));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(9)]
    public void A_source_with_another_number_of_bytes_leaves_what_was_there(int bytes)
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory["x.pt"], "before");
        CheckpointWriteException e = Assert.Throws<CheckpointWriteException>(() => PyTorchWriter.WriteStateDict(
            directory["x.pt"], [new("w", PyTorchTensor.FromBytes(TorchDType.Float32, [2], new byte[bytes]))]));
        Assert.Equal((CheckpointErrorKind.WrongByteCount, "w"), (e.Kind, e.TensorName));
        Assert.Equal("before", File.ReadAllText(directory["x.pt"]));
        Assert.Single(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void A_failing_source_or_a_cancellation_leaves_nothing()
    {
        using TemporaryDirectory directory = new();
        PyTorchTensor failing = PyTorchTensor.FromWriter(TorchDType.Float32, [2], _ => throw new NotSupportedException("mine"));
        Assert.Equal("mine", Assert.Throws<NotSupportedException>(() => PyTorchWriter.WriteStateDict(directory["x.pt"], [new("w", failing)])).Message);
        using CancellationTokenSource cancelled = new();
        PyTorchTensor cancelling = PyTorchTensor.FromWriter(TorchDType.UInt8, [8 << 20], stream =>
        {
            cancelled.Cancel();
            stream.Write(new byte[8 << 20]);
        });
        Assert.Throws<OperationCanceledException>(() => PyTorchWriter.WriteStateDict(directory["x.pt"], [new("w", cancelling)], cancellationToken: cancelled.Token));
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void Replaces_only_when_it_may()
    {
        using TemporaryDirectory directory = new();
        CheckpointWriteOptions keep = new() { Overwrite = false };
        PyTorchWriter.Write(directory["x.pt"], new DictionaryValue { { "a", 1L } }, keep);
        CheckpointWriteException e = Assert.Throws<CheckpointWriteException>(() => PyTorchWriter.Write(directory["x.pt"], new DictionaryValue(), keep));
        Assert.Equal(CheckpointErrorKind.TargetExists, e.Kind);
        PyTorchWriter.Write(directory["x.pt"], new DictionaryValue { { "a", 2L } });
        Assert.Equal("""{"a":2}""", CheckpointHeader.Identify(directory["x.pt"]).Root.ToJson()!.ToJsonString());
    }

    [Fact]
    public void Large_tensors_are_never_held_in_memory()
    {
        using TemporaryDirectory directory = new();
        byte[] portion = new byte[4 << 20];
        PyTorchTensor[] tensors = [.. Enumerable.Range(0, 4).Select(i => PyTorchTensor.FromWriter(TorchDType.Float32, [4, 1 << 20], stream =>
        {
            for (int k = 0; k < 4; k++)
            {
                stream.Write(portion);
            }
        }))];
        Save("warm.pt");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Save("x.pt");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);

        void Save(string name) => PyTorchWriter.WriteStateDict(
            directory[name], tensors.Select((tensor, i) => KeyValuePair.Create($"w{i}", tensor)), new CheckpointWriteOptions { FlushToDisk = false });
    }

    [Fact]
    public void A_record_beyond_four_gigabytes_is_where_the_directory_says()
    {
        // The layout alone, in a sparse file: a large storage, and a small one behind it.
        const long large = (5L << 30) + 4;
        using TemporaryDirectory directory = new();
        byte[] pickle = PickleBuilder.Start().Dict(
            ("large", p => p.Tensor("0", large / 4)), ("small", p => p.Tensor("1", 2))).Stop();
        byte[] small = Files.Bytes<float>(1.5f, 2.5f);
        ZipPlan plan = new();
        plan.Add("archive/data.pkl", pickle.Length);
        plan.Add("archive/data/0", large);
        plan.Add("archive/data/1", small.Length);
        using (FileStream file = new(directory["large.pt"], FileMode.Create))
        {
            byte[][] contents = [pickle, [], small];
            foreach ((ZipPlan.Entry entry, byte[] content) in plan.Entries.Zip(contents))
            {
                file.Position = entry.HeaderOffset;
                file.Write(ZipPlan.LocalHeader(entry));
                Assert.Equal(entry.DataOffset, file.Position);
                Assert.Equal(0, file.Position % 64);
                file.Write(content);
                file.Position = entry.DataOffset + entry.Size;
                file.Write(ZipPlan.Descriptor(entry, Crc32.Append(0, content)));
            }

            file.Write(plan.Directory([.. contents.Select(content => Crc32.Append(0, content))]));
            Assert.Equal(plan.FileLength, file.Length);
        }

        using PyTorchCheckpoint read = PyTorchCheckpoint.Open(directory["large.pt"]);
        Assert.Equal(large, read.StateDict["large"].ByteCount);
        Assert.True(read.GetFileOffset(read.StateDict["small"]) > large);
        Assert.Equal([1.5f, 2.5f], Files.Floats(read.ReadBytes(read.StateDict["small"])));
        byte[] end = new byte[8];
        read.Read(read.StateDict["large"], end, large - 8);
        Assert.Equal(new byte[8], end);
    }

    private static DictionaryValue EveryKind()
    {
        SequenceValue shared = SequenceValue.List(1L, "x");
        DictionaryValue table = new();
        for (int i = 0; i <= 2000; i++)
        {
            table.Add(i, i % 2 == 0);
        }

        return new DictionaryValue
        {
            { "none", CheckpointValue.None },
            { "true", true },
            { "integers", SequenceValue.List(0, 255, 256, 65535, 65536, -1, -129, 2147483648L, -2147483649L, IntegerValue.Of((Int128)1 << 63), 128, IntegerValue.Of(Int128.MinValue)) },
            { "floats", SequenceValue.List(0.1, -0.0, double.MaxValue, double.PositiveInfinity, double.NaN) },
            { "text", "größer \U0001F680" },
            { "empty", "" },
            { "bytes", new BytesValue(new byte[] { 0, 0xFF, 0x80 }) },
            { "dtype", new DTypeValue(TorchDType.Float16) },
            { "betas", SequenceValue.Tuple(0.9, 0.95) },
            { "long", SequenceValue.Tuple(1L, 2L, 3L, 4L) },
            { "no tuple", SequenceValue.Tuple() },
            { "shared", shared },
            { "list", SequenceValue.List(shared, SequenceValue.List()) },
            { "many", SequenceValue.List(Enumerable.Range(0, 2500).Select(i => (CheckpointValue)(long)i)) },
            { "table", table },
            { "ordered", new DictionaryValue(isOrdered: true) { { "a", new DictionaryValue() } } },
            { "tensor", PyTorchTensor.FromBytes(TorchDType.Float32, [2, 1, 1, 1, 1], new byte[8]) },
            { "scalar", PyTorchTensor.FromBytes(TorchDType.Int64, [], new byte[8]) },
            { "unsigned", PyTorchTensor.FromBytes(TorchDType.UInt16, [3], new byte[6]) },
        };
    }

    private static DictionaryValue NanoGpt(DictionaryValue model) => new()
    {
        { "model", model },
        {
            "optimizer", new DictionaryValue
            {
                {
                    "state", new DictionaryValue
                    {
                        {
                            0, new DictionaryValue
                            {
                                { "step", PyTorchTensor.FromBytes(TorchDType.Float32, [], Files.Bytes(3f)) },
                                { "exp_avg", PyTorchTensor.FromBytes(TorchDType.Float32, [2, 2], Files.Bytes(0.5f, 0.25f, 0, 0)) },
                                { "exp_avg_sq", PyTorchTensor.FromBytes(TorchDType.Float32, [2, 2], new byte[16]) },
                            }
                        },
                    }
                },
                {
                    "param_groups", SequenceValue.List(new DictionaryValue
                    {
                        { "lr", 1e-3 }, { "betas", SequenceValue.Tuple(0.9, 0.95) }, { "eps", 1e-8 }, { "weight_decay", 0.1 }, { "amsgrad", false },
                        { "maximize", false }, { "foreach", CheckpointValue.None }, { "params", SequenceValue.List(0) },
                    })
                },
            }
        },
        { "model_args", new DictionaryValue { { "n_layer", 1 }, { "bias", false }, { "dropout", 0.0 } } },
        { "iter_num", 3 },
        { "best_val_loss", PyTorchTensor.FromBytes(TorchDType.Float32, [], Files.Bytes(2.5f)) },
        { "config", new DictionaryValue { { "dataset", "shakespeare_char" } } },
    };

    private static Dictionary<string, JsonElement> Entries(JsonElement pairs) => pairs.EnumerateArray()
        .Where(pair => pair[0].ValueKind == JsonValueKind.String).ToDictionary(pair => pair[0].GetString()!, pair => pair[1], StringComparer.Ordinal) is { Count: > 0 } named
        ? named
        : pairs.EnumerateArray().ToDictionary(pair => pair[0].GetRawText(), pair => pair[1], StringComparer.Ordinal);
}
