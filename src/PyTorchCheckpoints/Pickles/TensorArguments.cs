using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>The arguments of one of PyTorch's functions that rebuild tensors, and every check that they need.</summary>
internal readonly struct TensorArguments(
    GlobalValue function, SequenceValue arguments, CheckpointLimits limits, string? path, long position)
{
    private const string Remedy = "torch.save does not write this; fetch the file again from its source, or save it again.";

    // A tensor that repeats its elements may always take so many bytes, as a scalar that is expanded to a vector does.
    private const long AlwaysAllowedBytes = 1 << 20;

    /// <summary>The tensor of <c>_rebuild_tensor</c>, <c>_v2</c> or <c>_v3</c>.</summary>
    public PyTorchTensor Rebuild()
    {
        (int least, int most) = function.Meaning switch
        {
            GlobalMeaning.RebuildTensor => (4, 4),
            GlobalMeaning.RebuildTensorV2 => (6, 7),
            _ => (7, 8),
        };
        CheckCount(least, most);
        if (arguments[0] is not StorageValue storage)
        {
            throw Error("its first argument is not a storage");
        }

        if (arguments[1] is not IntegerValue from || !from.TryGetSize(out long offset))
        {
            throw Error("the offset is not an integer from 0");
        }

        long[] shape = Integers(arguments[2], "size"), stride = Integers(arguments[3], "stride");
        if (shape.Length != stride.Length)
        {
            throw Error(Invariant($"there are {shape.Length} sizes and {stride.Length} strides"));
        }

        bool requiresGrad = least > 4 && CheckGradAndHooks(4);
        TorchDType dtype = storage.Storage.DType;
        if (function.Meaning == GlobalMeaning.RebuildTensorV3)
        {
            dtype = arguments[6] is DTypeValue given ? given.Value : throw Error("the dtype is not one of PyTorch's that are read");
            if (!storage.IsUntyped && dtype != storage.Storage.DType)
            {
                throw Error($"the dtype is {TorchDTypes.Name(dtype)} and the storage's {TorchDTypes.Name(storage.Storage.DType)}");
            }
        }

        CheckBounds(storage, dtype, shape, stride, offset);
        (long before, long rest) = Math.DivRem(storage.Offset * TorchDTypes.ElementSize(storage.Storage.DType), TorchDTypes.ElementSize(dtype));
        return rest == 0
            ? new PyTorchTensor(storage.Storage, dtype, shape, stride, offset + before, requiresGrad, isParameter: false)
            : throw Error("the storage is a view that begins in the middle of an element");
    }

    /// <summary>The tensor of <c>_rebuild_parameter</c>, with a state or without.</summary>
    public PyTorchTensor RebuildParameter()
    {
        int count = function.Meaning == GlobalMeaning.RebuildParameter ? 3 : 4;
        CheckCount(count, count);
        return arguments[0] is PyTorchTensor tensor ? tensor.AsParameter(CheckGradAndHooks(1)) : throw Error("its first argument is not a tensor");
    }

    /// <summary>What <c>_rebuild_from_type_v2</c> wraps: the function, its arguments, and whether the type is Parameter.</summary>
    public (GlobalValue Function, SequenceValue Arguments, bool IsParameter) Unwrap()
    {
        CheckCount(4, 4);
        if (arguments[0] is not GlobalValue
            {
                Meaning: GlobalMeaning.RebuildTensor or GlobalMeaning.RebuildTensorV2 or GlobalMeaning.RebuildTensorV3 or GlobalMeaning.RebuildParameter,
            } inner)
        {
            throw Error("its first argument is not a function that rebuilds a tensor");
        }

        if (arguments[1] is not GlobalValue { Meaning: GlobalMeaning.TensorClass or GlobalMeaning.ParameterClass } type)
        {
            throw Error("its second argument is neither torch.Tensor nor torch.nn.Parameter");
        }

        return arguments[2] is SequenceValue { Kind: CheckpointValueKind.Tuple } tuple
            ? (inner, tuple, type.Meaning == GlobalMeaning.ParameterClass)
            : throw Error("its third argument is not a tuple");
    }

    private void CheckCount(int least, int most)
    {
        if (arguments.Count < least || arguments.Count > most)
        {
            throw Error(Invariant($"it takes {least}{(most > least ? Invariant($" or {most}") : "")} arguments and is given {arguments.Count}"));
        }
    }

    private bool CheckGradAndHooks(int index)
    {
        if (arguments[index] is not BooleanValue requiresGrad)
        {
            throw Error("requires_grad is not a boolean");
        }

        return arguments[index + 1] is DictionaryValue or { Kind: CheckpointValueKind.None }
            ? requiresGrad.Value
            : throw Error("the hooks are not a dictionary");
    }

    private long[] Integers(CheckpointValue value, string what)
    {
        if (value is not SequenceValue { Kind: CheckpointValueKind.Tuple } tuple)
        {
            throw Error($"the {what} is not a tuple");
        }

        if (tuple.Count > limits.MaxRank)
        {
            throw new CheckpointLimitException(
                "The number of a tensor's dimensions", nameof(CheckpointLimits.MaxRank), tuple.Count, limits.MaxRank, path, position);
        }

        long[] result = new long[tuple.Count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = tuple[i] is IntegerValue integer && integer.TryGetSize(out long number)
                ? number
                : throw Error($"the {what} holds something that is not an integer from 0");
        }

        return result;
    }

    private void CheckBounds(StorageValue storage, TorchDType dtype, long[] shape, long[] stride, long offset)
    {
        int size = TorchDTypes.ElementSize(dtype);
        if (!TensorShape.TryCount(shape, size, out long count))
        {
            throw Error(Invariant($"the shape [{string.Join(", ", shape)}] has more elements than can be"));
        }

        if (count == 0)
        {
            return;
        }

        long storageBytes = storage.Count * TorchDTypes.ElementSize(storage.Storage.DType);
        long available = storageBytes / size;
        Int128 last = TensorShape.LastIndex(shape, stride, offset, available);
        if (last >= available)
        {
            throw Error(
                Invariant($"shape [{string.Join(", ", shape)}] with stride [{string.Join(", ", stride)}] from element {offset} ")
                + Invariant($"reaches beyond the {available} elements of storage {Escape.Quote(storage.Storage.Key)}"));
        }

        Int128 allowed = Int128.Max(AlwaysAllowedBytes, (Int128)storageBytes * limits.MaxExpansion);
        if ((Int128)count * size > allowed)
        {
            throw new CheckpointLimitException(
                "The bytes of a tensor that repeats its elements", nameof(CheckpointLimits.MaxExpansion), count * size,
                (long)Int128.Min(allowed, long.MaxValue), path, position);
        }
    }

    private CheckpointFormatException Error(string problem) =>
        new(CheckpointErrorKind.InvalidTensor, $"{function.Name} is called wrongly: {problem}", Remedy, path, position);
}
