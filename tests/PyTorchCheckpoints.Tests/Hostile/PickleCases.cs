using Kind = PyTorchCheckpoints.CheckpointErrorKind;

namespace PyTorchCheckpoints.Tests;

/// <summary>Cases 1 to 28 of the study: what can be wrong in a pickle.</summary>
internal static class PickleCases
{
    private static readonly Action<PickleBuilder> Whole = p => p.Storage("0", 4);

    public static IEnumerable<(string Name, HostileCase Case)> All =>
        [.. Globals(), .. Opcodes(), .. Calls(), .. Containers(), .. Structure(), .. Texts(), .. Storages(), .. Tensors()];

    private static IEnumerable<(string Name, HostileCase Case)> Globals()
    {
        yield return ("01 os.system is called", HostileCase.Named("os", "system"));
        foreach ((string module, string name) in ((string, string)[])
            [("posix", "system"), ("nt", "system"), ("builtins", "eval"), ("builtins", "exec"), ("builtins", "getattr"), ("__builtin__", "eval"), ("subprocess", "Popen")])
        {
            yield return ($"02 {module}.{name} is called", HostileCase.Named(module, name));
        }

        yield return ("03 a dotted name", HostileCase.Named("collections", "OrderedDict.__init__.__globals__"));
        yield return ("03 a dotted name that spells a known one", HostileCase.Named("torch", "_utils._rebuild_tensor_v2"));
        foreach ((string module, string name) in ((string, string)[])
            [("torch.serialization", "load"), ("torch.hub", "load"), ("torch.storage", "_load_from_bytes"), ("torch.jit.unsupported_tensor_ops", "execWrapper"), ("torch.utils.collect_env", "run"), ("torch._utils", "_rebuild_sparse_tensor")])
        {
            yield return ($"04 {module}.{name} is called", HostileCase.Named(module, name));
        }

        yield return ("04 a whole model", HostileCase.Named("torch.nn.modules.linear", "Linear"));
        yield return ("04 a NumPy scalar", HostileCase.Named("numpy.core.multiarray", "scalar"));
        yield return ("04 a known class as a value", HostileCase.Value(p => p.Global("collections", "OrderedDict"), Kind.ForbiddenGlobal) with
        {
            ExceptionType = typeof(ForbiddenGlobalException),
            Global = "collections.OrderedDict",
        });
        yield return ("04 a name without an end", HostileCase.Pickle(PickleBuilder.Start().Raw("cos\nsys"u8).ToArray(), Kind.Truncated));
        yield return ("04 an endless name", HostileCase.Body(p => p.Op('c').Raw(new byte[100_000])));
        yield return ("04 a name that is not UTF-8", HostileCase.Body(p => p.Op('c').Raw(0xFF, (byte)'\n', (byte)'x', (byte)'\n')));
    }

    private static IEnumerable<(string Name, HostileCase Case)> Opcodes()
    {
        HostileCase Forbidden(Action<PickleBuilder> body) => HostileCase.Body(body, Kind.ForbiddenOpcode);
        yield return ("05 STACK_GLOBAL with computed names", Forbidden(p => p.Text("o").Text("s").Raw(0x93)));
        yield return ("06 EXT1", Forbidden(p => p.Raw(0x82, 1)));
        yield return ("06 EXT2", Forbidden(p => p.Raw(0x83, 1, 0)));
        yield return ("06 EXT4", Forbidden(p => p.Raw(0x84, 1, 0, 0, 0)));
        yield return ("07 INST", Forbidden(p => p.Op('(').Raw("ios\nsystem\n"u8)));
        yield return ("07 OBJ", Forbidden(p => p.Op('(').Op('o')));
        for (int opcode = 0; opcode < 256; opcode++)
        {
            // Every byte that is not one of the opcodes that are known.
            if (!"(.cRbt)]}NJKMGXUqrhjQsuae"u8.Contains((byte)opcode) && opcode is not (0x80 or 0x81 or 0x85 or 0x86 or 0x87 or 0x88 or 0x89 or 0x8A or 0x8F))
            {
                byte unknown = (byte)opcode;
                yield return ($"07 opcode {Opcode.Name(opcode)}", Forbidden(p => p.None().Raw(unknown)));
            }
        }
    }

    private static IEnumerable<(string Name, HostileCase Case)> Calls()
    {
        HostileCase Rebuild(params Action<PickleBuilder>[] arguments) =>
            HostileCase.Value(p => p.Global("torch._utils", "_rebuild_tensor_v2").Tuple(arguments).Op('R'), Kind.InvalidTensor);

        Action<PickleBuilder> no = p => p.False(), hooks = p => p.OrderedDict(), zero = p => p.Int(0), four = p => p.Ints(4), one = p => p.Ints(1);
        yield return ("08 too few arguments", Rebuild(Whole, zero, four));
        yield return ("08 too many arguments", Rebuild(Whole, zero, four, one, no, hooks, hooks, hooks));
        yield return ("08 no arguments", HostileCase.Value(p => p.Global("torch._utils", "_rebuild_tensor_v2").Op(')').Op('R'), Kind.InvalidTensor));
        yield return ("08 OrderedDict of two", HostileCase.Value(p => p.Global("collections", "OrderedDict").Ints(1, 2).Op('R'), Kind.InvalidPickle));
        yield return ("08 a parameter of two", HostileCase.Value(p => p.Global("torch._utils", "_rebuild_parameter").Tuple(q => q.Tensor("0", 4), no).Op('R'), Kind.InvalidTensor));
        yield return ("08 arguments that are no tuple", HostileCase.Value(p => p.Global("torch._utils", "_rebuild_tensor_v2").Op(']').Op('R'), Kind.InvalidPickle));
        yield return ("09 offset a text", Rebuild(Whole, p => p.Text("0"), four, one, no, hooks));
        yield return ("09 offset negative", Rebuild(Whole, p => p.Int(-1), four, one, no, hooks));
        yield return ("09 size a list", Rebuild(Whole, zero, p => p.Op(']'), one, no, hooks));
        yield return ("09 a size that is a text", Rebuild(Whole, zero, p => p.Tuple(q => q.Text("4")), one, no, hooks));
        yield return ("09 a size over 64 bits", Rebuild(Whole, zero, p => p.Tuple(q => q.Int((Int128)1 << 64)), one, no, hooks));
        yield return ("09 stride shorter than size", Rebuild(Whole, zero, p => p.Ints(2, 2), one, no, hooks));
        yield return ("09 stride negative", Rebuild(Whole, zero, four, p => p.Ints(-1), no, hooks));
        yield return ("09 requires_grad a number", Rebuild(Whole, zero, four, one, zero, hooks));
        yield return ("09 hooks a text", Rebuild(Whole, zero, four, one, no, p => p.Text("h")));
        yield return ("09 a text for a storage", Rebuild(p => p.Text("0"), zero, four, one, no, hooks));
        yield return ("09 a tensor for a storage", Rebuild(p => p.Tensor("0", 4), zero, four, one, no, hooks));
        yield return ("09 a parameter of a text", HostileCase.Value(p => p.Global("torch._utils", "_rebuild_parameter").Tuple(q => q.Text("x"), no, hooks).Op('R'), Kind.InvalidTensor));
        yield return ("09 a type that is no tensor's", HostileCase.Value(p => p.Global("torch._tensor", "_rebuild_from_type_v2").Tuple(q => q.Global("torch._utils", "_rebuild_tensor_v2"), q => q.Text("os"), q => q.Op(')'), q => q.None()).Op('R'), Kind.InvalidTensor));
        yield return ("09 a wrapped function that rebuilds nothing", HostileCase.Value(p => p.Global("torch._tensor", "_rebuild_from_type_v2").Tuple(q => q.Global("_codecs", "encode"), q => q.Global("torch", "Tensor"), q => q.Op(')'), q => q.None()).Op('R'), Kind.InvalidTensor));
        yield return ("09 encode with another codec", HostileCase.Value(p => p.Global("_codecs", "encode").Tuple(q => q.Text("x"), q => q.Text("rot13")).Op('R'), Kind.InvalidPickle));
        yield return ("10 a number is called", HostileCase.Body(p => p.Int(1).Op(')').Op('R')));
        yield return ("10 a tensor is called", HostileCase.Body(p => p.Tensor("0", 4).Op(')').Op('R')));
        yield return ("10 a storage's class is called", HostileCase.Body(p => p.Global("torch", "FloatStorage").Op(')').Op('R')));
        yield return ("10 an object of OrderedDict", HostileCase.Body(p => p.Global("collections", "OrderedDict").Op(')').Raw(0x81)));
        yield return ("10 a parameter made of a text", HostileCase.Body(p => p.Global("torch.nn.parameter", "Parameter").Tuple(q => q.Text("x")).Raw(0x81)));
        yield return ("11 BUILD on a tensor", HostileCase.Body(p => p.Tensor("0", 4).Op('}').Op('b')));
        yield return ("11 BUILD on a storage", HostileCase.Body(p => p.Storage("0", 4).Op('}').Op('b')));
        yield return ("11 BUILD on a plain dictionary", HostileCase.Body(p => p.Op('}').Op('}').Op('b')));
        yield return ("11 BUILD on OrderedDict with a list", HostileCase.Body(p => p.OrderedDict().Op(']').Op('b')));
        yield return ("11 BUILD on OrderedDict with another attribute", HostileCase.Body(p => p.OrderedDict().Dict(("__class__", q => q.None())).Op('b')));
    }

    private static IEnumerable<(string Name, HostileCase Case)> Containers()
    {
        yield return ("12 SETITEM on a list", HostileCase.Body(p => p.Op(']').Int(0).Int(0).Op('s')));
        yield return ("12 SETITEM on a tuple", HostileCase.Body(p => p.Ints(1).Int(0).Int(0).Op('s')));
        yield return ("12 SETITEM on a tensor", HostileCase.Body(p => p.Tensor("0", 4).Int(0).Int(0).Op('s')));
        yield return ("12 SETITEMS on a text", HostileCase.Body(p => p.Text("x").Op('(').Op('u')));
        yield return ("12 an odd SETITEMS", HostileCase.Body(p => p.Op('}').Op('(').Int(0).Op('u')));
        yield return ("12 APPEND to a dictionary", HostileCase.Body(p => p.Op('}').Int(0).Op('a')));
        yield return ("12 APPEND to a tuple", HostileCase.Body(p => p.Op(')').Int(0).Op('a')));
        yield return ("12 APPEND to a set", HostileCase.Body(p => p.Raw(0x8F).Int(0).Op('a')));
        yield return ("12 APPENDS of nothing to None", HostileCase.Body(p => p.None().Op('(').Op('e')));
        yield return ("13 a list as key", HostileCase.Body(p => p.Op('}').Op(']').Int(0).Op('s')));
        yield return ("13 a tensor as key", HostileCase.Body(p => p.Op('}').Tensor("0", 4).Int(0).Op('s')));
        yield return ("13 NaN as key", HostileCase.Body(p => p.Op('}').Float(double.NaN).Int(0).Op('s')));
        yield return ("13 a key twice", HostileCase.Body(p => p.Dict(("w", q => q.Tensor("0", 4)), ("w", q => q.Tensor("0", 4)))));
        yield return ("13 a key twice as number and boolean", HostileCase.Body(p => p.Op('}').Int(1).Int(0).Op('s').True().Int(0).Op('s')));
        yield return ("13 a key twice among many", HostileCase.Body(p => p.Op('}').Repeat(30, (q, i) => q.Int(i % 29).None().Op('s'))));
        yield return ("13 pairs that are none", HostileCase.Body(p => p.Global("collections", "OrderedDict").Tuple(q => q.Op(']').Int(1).Op('a')).Op('R')));
    }

    private static IEnumerable<(string Name, HostileCase Case)> Structure()
    {
        foreach ((string name, byte[] opcode) in ((string, byte[])[])
            [("REDUCE", "R"u8.ToArray()), ("BUILD", "b"u8.ToArray()), ("NEWOBJ", [0x81]), ("TUPLE1", [0x85]), ("TUPLE2", [0x86]), ("TUPLE3", [0x87]), ("BINPUT", "q\0"u8.ToArray()), ("LONG_BINPUT", "r\0\0\0\0"u8.ToArray()), ("BINPERSID", "Q"u8.ToArray()), ("SETITEM", "s"u8.ToArray()), ("SETITEMS", "(u"u8.ToArray()), ("APPEND", "a"u8.ToArray()), ("APPENDS", "(e"u8.ToArray()), ("STOP", [])])
        {
            yield return ($"14 {name} on an empty stack", HostileCase.Body(p => p.Raw(opcode)));
            if (name is not "STOP")
            {
                yield return ($"14 {name} under a MARK", HostileCase.Body(p => p.None().None().None().None().Op('(').Raw(opcode)));
            }
        }

        yield return ("15 TUPLE without MARK", HostileCase.Body(p => p.Int(1).Op('t')));
        yield return ("15 SETITEMS without MARK", HostileCase.Body(p => p.Op('}').Op('u')));
        yield return ("15 APPENDS without MARK", HostileCase.Body(p => p.Op(']').Op('e')));
        yield return ("15 a MARK that is open at STOP", HostileCase.Body(p => p.Op('(').Int(1)));
        yield return ("15 MARKs without end", HostileCase.Body(p => p.Repeat(2000, (q, _) => q.Op('(')), Kind.LimitExceeded).Limit() with { Options = new() { Limits = new() { MaxStack = 1000 } } });
        yield return ("16 no STOP", HostileCase.Pickle(PickleBuilder.Start().Op('}').ToArray(), Kind.Truncated));
        yield return ("16 an empty pickle", HostileCase.Pickle([], Kind.Truncated));
        yield return ("16 PROTO alone", HostileCase.Pickle([0x80], Kind.Truncated));
        yield return ("16 bytes after STOP", HostileCase.Pickle([.. PickleBuilder.Start().Op('}').Stop(), 0]));
        yield return ("16 two values at STOP", HostileCase.Body(p => p.Op('}').Op('}')));
        yield return ("17 BINGET of nothing", HostileCase.Body(p => p.Op('h').Raw(0)));
        yield return ("17 LONG_BINGET of nothing", HostileCase.Body(p => p.Op('j').UInt32(uint.MaxValue)));
        yield return ("17 LONG_BINPUT at the last index", HostileCase.Body(p => p.Dict(("w", q => q.Tensor("0", 4))).Op('r').UInt32(uint.MaxValue), kind: null));
        yield return ("18 tuples of tuples, forty times", HostileCase.Body(p => p.Op(')').Repeat(40, (q, _) => q.Raw((byte)'q', 0, (byte)'h', 0, 0x86)), kind: null));
        yield return ("18 tuples in tuples, three hundred deep", HostileCase.Body(p => p.Op(']').Repeat(300, (q, _) => q.Raw(0x85)), Kind.LimitExceeded).Limit());
        yield return ("18 a memo without end", HostileCase.Body(p => p.None().Repeat(2000, (q, i) => q.Op('r').UInt32((uint)i)), Kind.LimitExceeded).Limit() with { Options = new() { Limits = new() { MaxMemo = 1000 } } });
        yield return ("18 objects without end", HostileCase.Body(p => p.Op('(').Repeat(2000, (q, _) => q.Op('}')).Op('t'), Kind.LimitExceeded).Limit() with { Options = new() { Limits = new() { MaxObjects = 1000 } } });
        yield return ("18 entries without end", HostileCase.Body(p => p.Op(']').Repeat(2000, (q, _) => q.Op('N').Op('a')), Kind.LimitExceeded).Limit() with { Options = new() { Limits = new() { MaxEntries = 1000 } } });
        yield return ("18 opcodes without end", HostileCase.Body(p => p.None().Repeat(2000, (q, _) => q.Raw((byte)'q', 0)), Kind.LimitExceeded).Limit() with { Options = new() { Limits = new() { MaxOpcodes = 1000 } } });
        yield return ("19 a list in itself", HostileCase.Body(p => p.Op(']').Raw((byte)'q', 0, (byte)'h', 0, (byte)'a'), Kind.Cycle));
        yield return ("19 a dictionary in its tuple", HostileCase.Body(p => p.Op('}').Raw((byte)'q', 0).Text("x").Raw((byte)'h', 0, 0x85, (byte)'s'), Kind.Cycle));
        yield return ("22 PROTO 4", HostileCase.Pickle([.. PickleBuilder.Start(4).Op('}').Stop()]));
        yield return ("22 PROTO 5", HostileCase.Pickle([.. PickleBuilder.Start(5).Op('}').Stop()]));
        yield return ("22 no PROTO", HostileCase.Pickle("}."u8.ToArray()));
        yield return ("22 PROTO in the middle", HostileCase.Body(p => p.Op('}').Raw(0x80, 2)));
    }

    private static IEnumerable<(string Name, HostileCase Case)> Texts()
    {
        yield return ("20 a text of four gigabytes in a hundred bytes", HostileCase.Body(p => p.Text(new byte[50], uint.MaxValue), Kind.Truncated));
        yield return ("20 a text longer than its pickle by one", HostileCase.Pickle(PickleBuilder.Start().Text(new byte[10], 11).ToArray(), Kind.Truncated));
        yield return ("20 invalid UTF-8", HostileCase.Body(p => p.Text([0xC3, 0x28])));
        yield return ("20 half of a surrogate pair", HostileCase.Body(p => p.Text([0xED, 0xA0, 0x80])));
        yield return ("20 a text over the limit", HostileCase.Body(p => p.Text(new byte[2000]), Kind.LimitExceeded).Limit() with { Options = new() { Limits = new() { MaxTextBytes = 1000 } } });
        yield return ("20 a key over the limit", HostileCase.Body(p => p.Dict((new string('k', 100_000), q => q.None())), Kind.LimitExceeded).Limit());
        yield return ("21 LONG1 of 255 bytes", HostileCase.Body(p => p.Raw(0x8A, 255).Raw(new byte[255])));
        yield return ("21 LONG1 of 17 bytes", HostileCase.Body(p => p.Raw(0x8A, 17).Raw(new byte[17])));
        yield return ("21 a negative LONG1 as a number of elements", HostileCase.Value(p => p.Tensor(q => q.Op('(').Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Raw(0x8A, 1, 0xFF).Op('t').Op('Q'), [4], [1]), Kind.InvalidStorage));
    }

    private static IEnumerable<(string Name, HostileCase Case)> Storages()
    {
        HostileCase Id(Action<PickleBuilder> id) => HostileCase.Value(p => p.Tensor(id, [4], [1]), Kind.InvalidStorage);
        HostileCase Key(string key) => Id(p => p.Storage(key, 4));
        yield return ("23 a persistent id that is no tuple", Id(p => p.Text("0").Op('Q')));
        yield return ("23 an empty persistent id", Id(p => p.Op(')').Op('Q')));
        yield return ("23 another tag", Id(p => p.Storage("0", 4, tag: "stash")));
        yield return ("23 the tag of a module", HostileCase.Value(p => p.Tensor(q => q.Storage("0", 4, tag: "module"), [4], [1]), Kind.NotACheckpoint) with { ExceptionType = typeof(NotACheckpointException), Detected = DetectedContent.WholeModel });
        yield return ("23 four items", Id(p => p.Op('(').Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Op('t').Op('Q')));
        yield return ("23 seven items", Id(p => p.Storage("0", 4, view: q => q.None().None())));
        yield return ("23 a class that is no storage's", Id(p => p.Storage("0", 4, "Size")));
        yield return ("23 a negative number of elements", Id(p => p.Storage("0", -4)));
        yield return ("23 2^62 elements", Id(p => p.Storage("0", (Int128)1 << 62)));
        yield return ("23 2^100 elements", Id(p => p.Storage("0", (Int128)1 << 100)));
        yield return ("23 a storage that is not there", Key("1"));
        yield return ("23 a key that climbs", Key("../../0"));
        yield return ("23 a key with a backslash", Key("..\\0"));
        yield return ("23 a key of dots", Key(".."));
        yield return ("23 an empty key", Key(""));
        yield return ("23 a storage as a value", HostileCase.Value(Whole, Kind.InvalidPickle));
        yield return ("24 one key with two dtypes", HostileCase.Body(p => p.Dict(("a", q => q.Tensor("0", 4)), ("b", q => q.Tensor(r => r.Storage("0", 4, "IntStorage"), [4], [1]))), Kind.InvalidStorage));
        yield return ("24 one key with two numbers of elements", HostileCase.Body(p => p.Dict(("a", q => q.Tensor("0", 4)), ("b", q => q.Tensor("0", 3))), Kind.InvalidStorage));
        yield return ("25 a record that is shorter", HostileCase.Value(p => p.Tensor("0", 5), Kind.InvalidStorage));
        yield return ("25 a record that is longer", HostileCase.Value(p => p.Tensor("0", 3), Kind.InvalidStorage));
    }

    private static IEnumerable<(string Name, HostileCase Case)> Tensors()
    {
        HostileCase View(long[] shape, long[] stride, long offset = 0, Kind? kind = Kind.InvalidTensor) => HostileCase.Value(p => p.Tensor(Whole, shape, stride, offset), kind);
        yield return ("26 one element too many", View([5], [1]));
        yield return ("26 offset one too far", View([4], [1], 1));
        yield return ("26 stride one too far", View([2, 2], [3, 1]));
        yield return ("26 a scalar behind the end", View([], [], 4));
        yield return ("26 a product that overflows", View([1L << 32, 1L << 32, 1L << 32], [1, 1, 1]));
        yield return ("26 a stride that overflows", View([3, 3], [long.MaxValue, long.MaxValue]));
        yield return ("26 an offset that overflows", View([4], [1], long.MaxValue));
        yield return ("26 sixty-five dimensions", View([.. Enumerable.Repeat(1L, 65)], [.. Enumerable.Repeat(1L, 65)], 0, Kind.LimitExceeded).Limit());
        yield return ("27 a million times a million elements of one", View([1_000_000, 1_000_000], [0, 0], 0, Kind.LimitExceeded).Limit());
        yield return ("27 2^62 elements of one", View([1L << 60], [0], 0, Kind.LimitExceeded).Limit());
        yield return ("28 no elements with any stride", View([0, 7], [long.MaxValue, long.MaxValue], long.MaxValue, kind: null));
        yield return ("28 a scalar", View([], [], 3, kind: null));
    }
}
