using System.Buffers;
using System.Buffers.Binary;

namespace PyTorchCheckpoints;

/// <summary>
/// Writes a tree of values as the pickle that <c>torch.save</c> would write: protocol 2, and only what <c>torch.load</c> takes with
/// <c>weights_only</c>. What is shared in the tree is shared in the pickle.
/// </summary>
internal sealed partial class PickleWriter
{
    // As in Python's pickle: so many items in one go.
    private const int BatchSize = 1000;
    private const string Utils = "torch._utils";

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly WrittenTensors _tensors;
    private readonly WrittenTree _tree;
    private readonly Dictionary<object, int> _memo = [];
    private readonly Stack<(CheckpointValue Container, int Next)> _open = [];

    private PickleWriter(WrittenTree tree, WrittenTensors tensors)
    {
        _tree = tree;
        _tensors = tensors;
    }

    /// <param name="tree">What to write, checked.</param>
    /// <param name="tensors">Gets the storages that tensors use.</param>
    /// <returns>The bytes of <c>data.pkl</c>.</returns>
    public static ReadOnlyMemory<byte> Write(WrittenTree tree, WrittenTensors tensors)
    {
        PickleWriter writer = new(tree, tensors);
        writer.Op(Opcode.Proto);
        writer.Op(2);
        writer.Run();
        writer.Op(Opcode.Stop);
        return writer._output.WrittenMemory;
    }

    private void Run()
    {
        Begin(_tree.Root);
        while (_open.TryPop(out (CheckpointValue Container, int Next) top))
        {
            int count = top.Container.ChildCount;
            bool isTuple = top.Container.Kind == CheckpointValueKind.Tuple;
            if (!isTuple && top.Next > 0 && (top.Next % BatchSize == 0 || top.Next == count))
            {
                Op(top.Container is DictionaryValue ? Opcode.SetItems : Opcode.Appends);
            }

            if (top.Next == count)
            {
                End(top.Container);
                continue;
            }

            if (!isTuple && top.Next % BatchSize == 0)
            {
                Op(Opcode.Mark);
            }

            _open.Push((top.Container, top.Next + 1));
            if (top.Container is DictionaryValue dictionary)
            {
                Begin(dictionary.Entry(top.Next).Key);
            }

            Begin(top.Container.Child(top.Next));
        }
    }

    // Writes a value, or the beginning of one whose content follows.
    private void Begin(CheckpointValue value)
    {
        if (_memo.TryGetValue(value, out int known))
        {
            Get(known);
            return;
        }

        switch (value)
        {
            case NoneValue:
                Op(Opcode.None);
                break;
            case BooleanValue boolean:
                Op(boolean.Value ? Opcode.NewTrue : Opcode.NewFalse);
                break;
            case IntegerValue integer:
                Integer(integer.Value);
                break;
            case FloatValue number:
                Op(Opcode.BinFloat);
                BinaryPrimitives.WriteDoubleBigEndian(_output.GetSpan(8), number.Value);
                _output.Advance(8);
                break;
            case TextValue text:
                Text(text.Value);
                break;
            case BytesValue bytes:
                Bytes(bytes);
                break;
            case DTypeValue dtype:
                Global("torch", TorchDTypes.Name(dtype.Value));
                break;
            case PyTorchTensor tensor:
                Tensor(tensor);
                break;
            case SequenceValue { Kind: CheckpointValueKind.Tuple, Count: 0 }:
                Op(Opcode.EmptyTuple);
                break;
            default:
                BeginContainer(value);
                _open.Push((value, 0));
                break;
        }
    }

    private void BeginContainer(CheckpointValue value)
    {
        switch (value)
        {
            case DictionaryValue { IsOrdered: true }:
                EmptyOrderedDict();
                Put(value);
                break;
            case DictionaryValue:
                Op(Opcode.EmptyDict);
                Put(value);
                break;
            case SequenceValue { Kind: CheckpointValueKind.List }:
                Op(Opcode.EmptyList);
                Put(value);
                break;
            case SequenceValue { Kind: CheckpointValueKind.Set }:
                // Under its Python 2 name, as Python 3 writes it in protocol 2.
                Global("__builtin__", "set");
                Op(Opcode.EmptyList);
                break;
            case { ChildCount: > 3 }:
                Op(Opcode.Mark);
                break;
        }
    }

    private void End(CheckpointValue value)
    {
        switch (value.Kind)
        {
            case CheckpointValueKind.Tuple:
                Op(value.ChildCount > 3 ? Opcode.Tuple : (byte)(Opcode.Tuple1 + value.ChildCount - 1));
                Put(value);
                break;
            case CheckpointValueKind.Set:
                Op(Opcode.Tuple1);
                Op(Opcode.Reduce);
                Put(value);
                break;
        }
    }

    private void Tensor(PyTorchTensor tensor)
    {
        if (tensor.IsParameter)
        {
            Global(Utils, "_rebuild_parameter");
        }

        // A storage that has no class of its own is untyped, and the tensor tells the elements' type.
        string? storageClass = tensor.DType == tensor.Storage.DType ? TorchDTypes.StorageClass(tensor.DType) : null;
        Global(Utils, storageClass is null ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
        Op(Opcode.Mark);
        Op(Opcode.Mark);
        Text("storage");
        Global(storageClass is null ? "torch.storage" : "torch", storageClass ?? "UntypedStorage");
        Text(_tensors.KeyOf(tensor, _tree.NameOf(tensor)));
        Text("cpu");
        Integer(storageClass is null ? tensor.Storage.ByteCount : tensor.Storage.ElementCount);
        Op(Opcode.Tuple);
        Op(Opcode.BinPersId);
        Integer(tensor.StorageOffset);
        Integers(tensor.Shape);
        Integers(tensor.Stride);
        Op(tensor.RequiresGrad ? Opcode.NewTrue : Opcode.NewFalse);
        EmptyOrderedDict();
        if (storageClass is null)
        {
            Global("torch", TorchDTypes.Name(tensor.DType));
        }

        Op(Opcode.Tuple);
        Op(Opcode.Reduce);
        if (tensor.IsParameter)
        {
            Op(tensor.RequiresGrad ? Opcode.NewTrue : Opcode.NewFalse);
            EmptyOrderedDict();
            Op(Opcode.Tuple3);
            Op(Opcode.Reduce);
        }
    }
}
