using System.Buffers.Binary;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// Reads a pickle as data: a stack, a memo, and a closed set of opcodes and names. Nothing is resolved, constructed by name or called;
/// what is not known is refused. What a pickle shares through its memo is shared here, never copied, so no pickle can make more values
/// than it has opcodes.
/// </summary>
internal sealed partial class PickleMachine
{
    private const int MaxGlobalBytes = 512;
    private const string Remedy = "The file is damaged or was made to do harm; fetch it again from its source.";

    private readonly ByteInput _input;
    private readonly StorageTable? _storages;
    private readonly CheckpointReadOptions _options;
    private readonly CheckpointLimits _limits;
    private readonly List<int> _marks = [];
    private readonly List<CheckpointValue?> _memo = [];
    private readonly Dictionary<uint, CheckpointValue> _sparseMemo = [];
    private CheckpointValue[] _stack = new CheckpointValue[64];
    private int _depth;
    private int _objects;
    private int _entries;
    private int _opcode;
    private long _position;

    private PickleMachine(ByteInput input, StorageTable? storages, CheckpointReadOptions options)
    {
        _input = input;
        _storages = storages;
        _options = options;
        _limits = options.Limits;
    }

    /// <summary>Reads one pickle, up to its STOP.</summary>
    /// <param name="input">Where to read; stands behind the STOP afterwards.</param>
    /// <param name="storages">What persistent ids stand for; null where there must be none.</param>
    /// <param name="options">Strictness and limits.</param>
    /// <returns>What the pickle holds; containers in it are checked against containing themselves and against depth.</returns>
    /// <exception cref="CheckpointException">The pickle is malformed, names something unknown or exceeds a limit.</exception>
    public static CheckpointValue Run(ByteInput input, StorageTable? storages, CheckpointReadOptions options)
    {
        CheckpointValue root = new PickleMachine(input, storages, options).Execute();
        ValueAudit.Check(root, options.Limits, input.Path);
        return root;
    }

    private CheckpointValue Execute()
    {
        long start = _input.Position;
        Next();
        if (_opcode != Opcode.Proto)
        {
            throw Error("The pickle does not begin with PROTO");
        }

        int protocol = _input.Read(1)[0];
        if (protocol is not (2 or 3))
        {
            throw Error(Invariant($"The pickle has protocol {protocol}; torch.save writes 2"), CheckpointErrorKind.InvalidPickle,
                "Save it again in Python without the argument pickle_protocol.");
        }

        for (int count = 2; ; count++)
        {
            Next();
            if (count > _limits.MaxOpcodes)
            {
                throw Limit("The number of opcodes", nameof(CheckpointLimits.MaxOpcodes), count, _limits.MaxOpcodes);
            }

            if (_position - start >= _limits.MaxPickleBytes)
            {
                throw Limit("The length of the pickle in bytes", nameof(CheckpointLimits.MaxPickleBytes), _position - start + 1, _limits.MaxPickleBytes);
            }

            if (_opcode == Opcode.Stop)
            {
                return Finish();
            }

            Step();
        }
    }

    private CheckpointValue Finish()
    {
        if (_marks.Count > 0)
        {
            throw Error("A MARK is still open at STOP");
        }

        return _depth == 1 ? _stack[0] : throw Error(Invariant($"There are {_depth} values at STOP instead of one"));
    }

    private void Step()
    {
        switch (_opcode)
        {
            case Opcode.Mark:
                CheckStack(_marks.Count + 1);
                _marks.Add(_depth);
                break;
            case Opcode.None:
                Push(NoneValue.Instance);
                break;
            case Opcode.NewTrue or Opcode.NewFalse:
                Push(BooleanValue.Of(_opcode == Opcode.NewTrue));
                break;
            case Opcode.BinInt1:
                Push(IntegerValue.Of(_input.Read(1)[0]));
                break;
            case Opcode.BinInt2:
                PushNew(IntegerValue.Of(_input.ReadUInt16()));
                break;
            case Opcode.BinInt:
                PushNew(IntegerValue.Of((int)_input.ReadUInt32()));
                break;
            case Opcode.Long1:
                PushNew(IntegerValue.Of(ReadLong()));
                break;
            case Opcode.BinFloat:
                PushNew(new FloatValue(BinaryPrimitives.ReadDoubleBigEndian(_input.Read(8))));
                break;
            case Opcode.BinUnicode:
                PushNew(ReadText(_input.ReadUInt32(), orBytes: false));
                break;
            case Opcode.ShortBinString:
                PushNew(ReadText(_input.Read(1)[0], orBytes: true));
                break;
            case Opcode.EmptyTuple:
                Push(SequenceValue.EmptyTuple);
                break;
            case Opcode.Tuple1 or Opcode.Tuple2 or Opcode.Tuple3:
                PushNew(SequenceValue.Wrap(CheckpointValueKind.Tuple, PopMany(_opcode - Opcode.Tuple1 + 1)));
                break;
            case Opcode.Tuple:
                PushNew(SequenceValue.Wrap(CheckpointValueKind.Tuple, PopToMark()));
                break;
            case Opcode.EmptyList:
                PushNew(SequenceValue.Wrap(CheckpointValueKind.List, []));
                break;
            case Opcode.EmptySet:
                PushNew(SequenceValue.Wrap(CheckpointValueKind.Set, []));
                break;
            case Opcode.EmptyDict:
                PushNew(new DictionaryValue());
                break;
            case Opcode.BinPut:
                Memoize(_input.Read(1)[0]);
                break;
            case Opcode.LongBinPut:
                Memoize(_input.ReadUInt32());
                break;
            case Opcode.BinGet:
                Push(Recall(_input.Read(1)[0]));
                break;
            case Opcode.LongBinGet:
                Push(Recall(_input.ReadUInt32()));
                break;
            default:
                StepObject();
                break;
        }
    }

    private void StepObject()
    {
        switch (_opcode)
        {
            case Opcode.Global:
                PushGlobal();
                break;
            case Opcode.Reduce:
                Reduce();
                break;
            case Opcode.NewObj:
                NewObject();
                break;
            case Opcode.Build:
                Build();
                break;
            case Opcode.BinPersId:
                if (_storages is null)
                {
                    throw Error("There is a persistent id in a part of the file that has no tensors");
                }

                PushNew(_storages.Resolve(Pop(), _position));
                break;
            case Opcode.Append:
                CheckpointValue item = Pop();
                AppendTo(Peek(), [item]);
                break;
            case Opcode.Appends:
                CheckpointValue[] items = PopToMark();
                AppendTo(Peek(), items);
                break;
            case Opcode.SetItem:
                CheckpointValue[] pair = PopMany(2);
                SetIn(Peek(), pair);
                break;
            case Opcode.SetItems:
                CheckpointValue[] pairs = PopToMark();
                SetIn(Peek(), pairs);
                break;
            case Opcode.Proto:
                throw Error("PROTO stands in the middle of the pickle");
            default:
                throw Error(
                    $"The pickle has the opcode {Opcode.Name(_opcode)}, which torch.save does not write", CheckpointErrorKind.ForbiddenOpcode,
                    "If the file is genuine, save it again in Python without the argument pickle_protocol; otherwise do not use it.");
        }
    }

    private void Next()
    {
        _position = _input.Position;
        _opcode = _input.ReadByte();
        if (_opcode < 0)
        {
            throw _input.Ended();
        }
    }

    private CheckpointFormatException Error(
        string problem, CheckpointErrorKind kind = CheckpointErrorKind.InvalidPickle, string remedy = Remedy, string? tensorName = null) =>
        new(kind, $"{problem} (opcode {Opcode.Name(_opcode)})", remedy, _input.Path, _position, tensorName);

    private CheckpointLimitException Limit(string what, string name, long actual, long allowed) =>
        new(what, name, actual, allowed, _input.Path, _position);
}
