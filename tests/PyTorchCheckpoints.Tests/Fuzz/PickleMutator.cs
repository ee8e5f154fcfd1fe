namespace PyTorchCheckpoints.Tests;

/// <summary>
/// Makes checkpoints that are nearly right: a valid one is taken apart into the pickle's opcodes and the archive's records, some of
/// them are changed, doubled, left out, swapped or given extreme values, and all is put together again with right lengths.
/// </summary>
internal sealed class PickleMutator(int seed)
{
    private static readonly string[] Names =
    [
        "collections\nOrderedDict", "torch._utils\n_rebuild_tensor_v2", "torch._utils\n_rebuild_tensor", "torch._utils\n_rebuild_tensor_v3",
        "torch._utils\n_rebuild_parameter", "torch._tensor\n_rebuild_from_type_v2", "torch\nFloatStorage", "torch\nHalfStorage", "torch.storage\nUntypedStorage",
        "torch\nSize", "torch\ndevice", "torch\nfloat32", "torch.nn.parameter\nParameter", "_codecs\nencode", "builtins\nset", "os\nsystem", "builtins\neval",
    ];

    private static readonly long[] Numbers = [0, 1, 2, 3, 4, 5, 16, 255, 256, 65535, 65536, int.MaxValue, -1, int.MinValue];

    private readonly Random _random = new(seed);

    /// <summary>A file: mostly near to valid, sometimes damaged at random.</summary>
    public byte[] Next()
    {
        bool legacy = _random.Next(3) == 0;
        List<byte[]> opcodes = Opcodes(Seed(legacy));
        for (int changes = _random.Next(0, 4); changes > 0; changes--)
        {
            Change(opcodes);
        }

        byte[] pickle = [.. opcodes.SelectMany(opcode => opcode)];
        byte[] file = legacy ? Legacy(pickle) : Zip(pickle);
        for (int damages = _random.Next(5) == 0 ? _random.Next(1, 5) : 0; damages > 0 && file.Length > 0; damages--)
        {
            file[_random.Next(file.Length)] = (byte)_random.Next(256);
        }

        return _random.Next(20) == 0 ? file[.._random.Next(file.Length + 1)] : file;
    }

    private static byte[] Seed(bool legacy)
    {
        Action<PickleBuilder> storage = legacy ? LegacyBuilder.Id("0", 4) : p => p.Storage("0", 4);
        return PickleBuilder.Start().Dict(
            ("model", p => p.OrderedDict().Op('(').Text("w").Tensor(storage, [2, 2], [2, 1]).Text("t").Tensor(storage, [2, 2], [1, 2]).Text("s").Tensor(storage, [], [], 3).Op('u').Dict(("_metadata", q => q.Op('}'))).Op('b')),
            ("config", p => p.Dict(("lr", q => q.Float(0.1)), ("n", q => q.Int(3)), ("big", q => q.Int((Int128)1 << 70)), ("betas", q => q.Tuple(r => r.Float(0.9), r => r.Float(0.95))), ("list", q => q.Op(']').Raw((byte)'q', 0).Int(1).Op('a')))),
            ("iter", p => p.Raw((byte)'h', 0).True().Op('a'))).Stop();
    }

    // Cuts a valid pickle into its opcodes with their arguments.
    private static List<byte[]> Opcodes(byte[] pickle)
    {
        List<byte[]> result = [];
        for (int i = 0; i < pickle.Length;)
        {
            int length = pickle[i] switch
            {
                (byte)'X' => 5 + BitConverter.ToInt32(pickle, i + 1),
                (byte)'c' => Array.IndexOf(pickle, (byte)'\n', Array.IndexOf(pickle, (byte)'\n', i) + 1) + 1 - i,
                (byte)'J' or (byte)'r' or (byte)'j' => 5,
                (byte)'G' => 9,
                (byte)'M' => 3,
                (byte)'K' or (byte)'q' or (byte)'h' or 0x80 => 2,
                0x8A => 2 + pickle[i + 1],
                _ => 1,
            };
            result.Add(pickle[i..(i + length)]);
            i += length;
        }

        return result;
    }

    private void Change(List<byte[]> opcodes)
    {
        int at = _random.Next(opcodes.Count), other = _random.Next(opcodes.Count);
        switch (_random.Next(9))
        {
            case 0:
                opcodes.RemoveAt(at);
                break;
            case 1:
                opcodes.Insert(at, opcodes[other]);
                break;
            case 2:
                (opcodes[at], opcodes[other]) = (opcodes[other], opcodes[at]);
                break;
            case 3:
                opcodes[at] = [(byte)_random.Next(256), .. opcodes[at].Skip(1)];
                break;
            case 4:
                // Within what is opened and closed, so that more of it is reached.
                ChangeNumber(opcodes);
                break;
            case 5:
                ChangeName(opcodes);
                break;
            case 6:
                opcodes[at] = Memo();
                break;
            case 7:
                opcodes.InsertRange(at, opcodes.GetRange(Math.Min(at, other), Math.Min(_random.Next(12), opcodes.Count - Math.Min(at, other))));
                break;
            default:
                opcodes.Insert(at, PickleBuilder.Start().Int(Numbers[_random.Next(Numbers.Length)]).ToArray()[2..]);
                break;
        }
    }

    private void ChangeNumber(List<byte[]> opcodes)
    {
        int[] numbers = [.. Enumerable.Range(0, opcodes.Count).Where(i => opcodes[i][0] == (byte)'J')];
        if (numbers.Length > 0)
        {
            Int128 value = _random.Next(4) == 0 ? (Int128)_random.NextInt64() << _random.Next(60) : Numbers[_random.Next(Numbers.Length)];
            opcodes[numbers[_random.Next(numbers.Length)]] = PickleBuilder.Start().Int(value).ToArray()[2..];
        }
    }

    private void ChangeName(List<byte[]> opcodes)
    {
        int[] names = [.. Enumerable.Range(0, opcodes.Count).Where(i => opcodes[i][0] == (byte)'c')];
        if (names.Length > 0)
        {
            string[] parts = Names[_random.Next(Names.Length)].Split('\n');
            opcodes[names[_random.Next(names.Length)]] = PickleBuilder.Start().Global(parts[0], parts[1]).ToArray()[2..];
        }
    }

    private byte[] Memo() => _random.Next(4) switch
    {
        0 => [(byte)'q', (byte)_random.Next(3)],
        1 => [(byte)'h', (byte)_random.Next(3)],
        2 => [(byte)'r', (byte)_random.Next(3), 0, 0, (byte)_random.Next(256)],
        _ => [(byte)'j', (byte)_random.Next(3), 0, 0, 0],
    };

    private byte[] Legacy(byte[] pickle) => new LegacyBuilder
    {
        Pickle = pickle,
        Keys = _random.Next(10) switch { 0 => [], 1 => ["0", "1"], _ => ["0"] },
        Protocol = _random.Next(20) == 0 ? _random.Next(2000) : 1001,
        Data = LegacyBuilder.Storage(_random.Next(10) == 0 ? _random.Next(6) : 4, Files.Bytes(Files.Range(4))),
        System = LegacyBuilder.SystemInfo(_random.Next(10) > 0),
    }.ToArray();

    private byte[] Zip(byte[] pickle)
    {
        bool Rarely() => _random.Next(40) == 0;
        ZipBuilder zip = new()
        {
            Zip64End = _random.Next(2) == 0,
            Prefix = Rarely() ? new byte[_random.Next(5)] : [],
            Comment = Rarely() ? new byte[_random.Next(5)] : [],
            Count = Rarely() ? _random.Next(5) : null,
        };
        zip.With(new ZipBuilder.Entry { Name = Rarely() ? "data.pkl" : "archive/data.pkl", Content = pickle, Crc = Rarely() ? 7 : null });
        zip.With(new ZipBuilder.Entry
        {
            Name = Rarely() ? "archive/data/1" : "archive/data/0",
            Content = Files.Bytes(Files.Range(4)),
            Method = (ushort)(Rarely() ? 8 : 0),
            Flags = (ushort)(Rarely() ? _random.Next(1 << 12) : 0),
            Size = Rarely() ? _random.Next(40) : null,
            HeaderOffset = Rarely() ? (uint)_random.Next(1000) : null,
        });
        if (_random.Next(3) == 0)
        {
            zip.With("archive/byteorder", _random.Next(3) == 0 ? "big"u8.ToArray() : "little"u8.ToArray());
        }

        return zip.ToArray();
    }
}
