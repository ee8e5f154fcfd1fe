using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tests.Shared;

namespace PyTorchCheckpoints.Tests;

/// <summary>Trees of any values: what is written is what is read, here and in Python.</summary>
public sealed class RoundTripTests
{
    [Fact]
    public void Any_tree_reads_back_as_it_was_written()
    {
        using TemporaryDirectory directory = new();
        for (int seed = 0; seed < 150; seed++)
        {
            Trees trees = new(seed);
            CheckpointValue tree = trees.Next(0);
            PyTorchWriter.Write(directory["x.pt"], tree, new CheckpointWriteOptions { FlushToDisk = false });
            using PyTorchCheckpoint file = PyTorchCheckpoint.Open(directory["x.pt"]);
            Assert.Equal(Text(tree, null), Text(file.Header.Root, file));

            // And once more, from the file.
            PyTorchWriter.Write(directory["y.pt"], file.Header.Root, new CheckpointWriteOptions { FlushToDisk = false });
            using PyTorchCheckpoint again = PyTorchCheckpoint.Open(directory["y.pt"]);
            Assert.Equal(Text(tree, null), Text(again.Header.Root, again));
        }
    }

    [SkippableFact]
    public void Python_reads_any_tree_as_it_was_written()
    {
        Skip.IfNot(PythonOracle.HasPython, "python3 is not installed.");
        using TemporaryDirectory directory = new();
        DictionaryValue all = new();
        for (int seed = 0; seed < 60; seed++)
        {
            all.Add(string.Create(CultureInfo.InvariantCulture, $"tree {seed}"), new Trees(seed).Next(0));
        }

        PyTorchWriter.Write(directory["x.pt"], all, new CheckpointWriteOptions { FlushToDisk = false });
        Assert.Equal(Text(all, null), Text(PythonOracle.Read(directory["x.pt"])));
    }

    // One text for a tree, with the SHA-256 of each tensor: of a tensor that is to be written, of one in a file, of what Python tells.
    private static string Text(CheckpointValue value, PyTorchCheckpoint? file) => value switch
    {
        { Kind: CheckpointValueKind.None } => "None",
        BooleanValue boolean => boolean.Value ? "True" : "False",
        FloatValue number => "f" + BitConverter.DoubleToInt64Bits(number.Value).ToString("x", CultureInfo.InvariantCulture),
        TextValue text => JsonSerializer.Serialize(text.Value),
        BytesValue bytes => "b" + Convert.ToHexStringLower(bytes.Value.Span),
        DTypeValue dtype => JsonSerializer.Serialize(TorchDTypes.Name(dtype.Value)),
        SequenceValue sequence => $"{sequence.Kind}[{string.Join(",", sequence.Select(item => Text(item, file)))}]",
        DictionaryValue dictionary => $"{(dictionary.IsOrdered ? "o" : "")}{{{string.Join(",", dictionary.Select(entry => $"{Text(entry.Key, file)}:{Text(entry.Value, file)}"))}}}",
        PyTorchTensor tensor => $"tensor[{string.Join(",", tensor.Shape)}] {Convert.ToHexStringLower(SHA256.HashData(file is null ? Trees.BytesOf(tensor) : file.ReadBytes(tensor)))}",
        _ => value.ToString()!,
    };

    private static string Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return value.ValueKind switch
            {
                JsonValueKind.Array => $"List[{string.Join(",", value.EnumerateArray().Select(Text))}]",
                JsonValueKind.String => JsonSerializer.Serialize(value.GetString()),
                JsonValueKind.Null => "None",
                _ => value.GetBoolean() ? "True" : "False",
            };
        }

        if (value.TryGetProperty("sha256", out JsonElement sha256))
        {
            return $"tensor[{string.Join(",", value.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64()))}] {sha256.GetString()}";
        }

        JsonProperty only = value.EnumerateObject().Single();
        return only.Name switch
        {
            "int" => only.Value.GetString()!,
            "float" => "f" + BitConverter.DoubleToInt64Bits(double.Parse(only.Value.GetString()!.Replace("inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture)).ToString("x", CultureInfo.InvariantCulture),
            "bytes" => "b" + only.Value.GetString(),
            "tuple" => $"Tuple[{string.Join(",", only.Value.EnumerateArray().Select(Text))}]",
            _ => $"{(only.Name == "ordered" ? "o" : "")}{{{string.Join(",", only.Value.EnumerateArray().Select(entry => $"{Text(entry[0])}:{Text(entry[1])}"))}}}",
        };
    }

    /// <summary>Makes trees, in which values stand at several places now and then.</summary>
    private sealed class Trees(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<CheckpointValue> _made = [];

        public static byte[] BytesOf(PyTorchTensor tensor)
        {
            using MemoryStream stream = new();
            tensor.Storage.WriteTo(stream, 1);
            return stream.ToArray();
        }

        public CheckpointValue Next(int depth)
        {
            CheckpointValue value = _random.Next(depth > 5 ? 9 : 14) switch
            {
                0 => CheckpointValue.None,
                1 => _random.Next(2) == 0,
                2 => _random.Next(-300, 70_000),
                3 => IntegerValue.Of((Int128)_random.NextInt64(long.MinValue, long.MaxValue) << _random.Next(64)),
                4 => (_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(-300, 300)),
                5 => Name(),
                6 => new BytesValue(Bytes(_random.Next(10))),
                7 => new DTypeValue((TorchDType)_random.Next(TorchDTypes.All.Count)),
                8 or 9 => Tensor(),
                10 => SequenceValue.List(Many(depth)),
                11 => SequenceValue.Tuple(Many(depth)),
                12 when _made.Count > 0 => _made[_random.Next(_made.Count)],
                _ => Dictionary(depth),
            };
            _made.Add(value);
            return value;
        }

        private List<CheckpointValue> Many(int depth) => [.. Enumerable.Range(0, _random.Next(6)).Select(_ => Next(depth + 1))];

        private DictionaryValue Dictionary(int depth)
        {
            DictionaryValue dictionary = new(isOrdered: _random.Next(2) == 0);
            for (int i = _random.Next(15); i > 0; i--)
            {
                CheckpointValue key = _random.Next(3) switch { 0 => (long)(1000 + i), 1 => i + 0.5, _ => Name() + i };
                dictionary.Add(key, Next(depth + 1));
            }

            return dictionary;
        }

        private PyTorchTensor Tensor()
        {
            TorchDType dtype = (TorchDType)_random.Next(TorchDTypes.All.Count);
            long[] shape = [.. Enumerable.Range(0, _random.Next(5)).Select(_ => (long)_random.Next(4))];
            byte[] bytes = Bytes((int)shape.Aggregate(1L, (a, b) => a * b) * TorchDTypes.ElementSize(dtype));
            return PyTorchTensor.FromBytes(dtype, shape, dtype == TorchDType.Bool ? Array.ConvertAll(bytes, b => (byte)(b & 1)) : bytes);
        }

        private byte[] Bytes(int count)
        {
            byte[] bytes = new byte[count];
            _random.NextBytes(bytes);
            return bytes;
        }

        private string Name() => string.Concat(Enumerable.Range(0, _random.Next(8)).Select(_ => "aäß.\n\0\"/"[_random.Next(8)])) + (_random.Next(5) == 0 ? "🚀" : "");
    }
}
