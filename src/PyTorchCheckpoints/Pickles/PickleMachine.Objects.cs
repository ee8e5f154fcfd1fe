using System.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <content>What the opcodes that make and fill objects mean.</content>
internal sealed partial class PickleMachine
{
    private void Reduce()
    {
        CheckpointValue arguments = Pop();
        CheckpointValue function = Pop();
        if (function is OpaqueValue opaque)
        {
            PushNew(new OpaqueValue(opaque.Name));
            return;
        }

        if (function is not GlobalValue global)
        {
            throw Error($"A value of kind {function.Kind} is called as a function");
        }

        if (arguments is not SequenceValue { Kind: CheckpointValueKind.Tuple } tuple)
        {
            throw Error($"The arguments of {global.Name} are not a tuple");
        }

        PushNew(Make(global, tuple));
    }

    private CheckpointValue Make(GlobalValue global, SequenceValue arguments)
    {
        TensorArguments tensor = new(global, arguments, _limits, _input.Path, _position);
        switch (global.Meaning)
        {
            case GlobalMeaning.OrderedDict:
                return MakeOrderedDict(arguments);
            case GlobalMeaning.RebuildTensor or GlobalMeaning.RebuildTensorV2 or GlobalMeaning.RebuildTensorV3:
                return tensor.Rebuild();
            case GlobalMeaning.RebuildParameter or GlobalMeaning.RebuildParameterWithState:
                return tensor.RebuildParameter();
            case GlobalMeaning.RebuildFromType:
                (GlobalValue inner, SequenceValue innerArguments, bool isParameter) = tensor.Unwrap();
                CheckpointValue made = Make(inner, innerArguments);
                return made is PyTorchTensor t && isParameter && !t.IsParameter ? t.AsParameter(t.RequiresGrad) : made;
            case GlobalMeaning.Size when arguments is [SequenceValue { Kind: CheckpointValueKind.Tuple or CheckpointValueKind.List } size]:
                return SequenceValue.Wrap(CheckpointValueKind.Tuple, [.. size]);
            case GlobalMeaning.Device when arguments is [TextValue device]:
                return device;
            case GlobalMeaning.Device when arguments is [TextValue device, IntegerValue index]:
                return new TextValue($"{device.Value}:{index}");
            case GlobalMeaning.Set when arguments is []:
                return SequenceValue.Wrap(CheckpointValueKind.Set, []);
            case GlobalMeaning.Set when arguments is [SequenceValue { Kind: CheckpointValueKind.List } items]:
                Count(items.Count);
                return SequenceValue.Wrap(CheckpointValueKind.Set, [.. items]);
            case GlobalMeaning.Encode when arguments is [TextValue text, TextValue { Value: "latin1" }] && text.Value.All(c => c <= 0xFF):
                return new BytesValue(Encoding.Latin1.GetBytes(text.Value));
            default:
                throw Error(Invariant($"{global.Name} cannot be called with these {arguments.Count} arguments"));
        }
    }

    // Python 3 fills it with SETITEMS; Python 2 gave a list of pairs.
    private DictionaryValue MakeOrderedDict(SequenceValue arguments)
    {
        DictionaryValue dictionary = new(isOrdered: true);
        if (arguments is [SequenceValue { Kind: CheckpointValueKind.List } pairs])
        {
            foreach (CheckpointValue pair in pairs)
            {
                if (pair is not SequenceValue { Count: 2, Kind: CheckpointValueKind.List or CheckpointValueKind.Tuple } entry)
                {
                    throw Error("collections.OrderedDict is given something that is not a pair");
                }

                SetIn(dictionary, [entry[0], entry[1]]);
            }
        }
        else if (arguments.Count > 0)
        {
            throw Error("collections.OrderedDict is called with something other than a list of pairs");
        }

        return dictionary;
    }

    private void NewObject()
    {
        CheckpointValue arguments = Pop();
        CheckpointValue type = Pop();
        if (type is OpaqueValue opaque)
        {
            PushNew(new OpaqueValue(opaque.Name));
            return;
        }

        if (type is not GlobalValue { Meaning: GlobalMeaning.ParameterClass })
        {
            throw Error("An object is made of something that is not torch.nn.Parameter");
        }

        if (arguments is not SequenceValue { Kind: CheckpointValueKind.Tuple, Count: 1 or 2 } tuple || tuple[0] is not PyTorchTensor tensor
            || (tuple.Count == 2 && tuple[1] is not BooleanValue))
        {
            throw Error("torch.nn.Parameter is not given a tensor, and perhaps a boolean");
        }

        PushNew(tensor.AsParameter(tuple.Count < 2 || ((BooleanValue)tuple[1]).Value));
    }

    private void Build()
    {
        CheckpointValue state = Pop();
        CheckpointValue target = Peek();
        if (target is OpaqueValue)
        {
            return;
        }

        if (target is not DictionaryValue { IsOrdered: true })
        {
            throw Error($"A state is given to a value of kind {target.Kind}, which has none");
        }

        // A module's state dict carries the versions of its modules as an attribute. Only PyTorch's own upgrades of old models use them.
        if (state is not DictionaryValue attributes || attributes.Keys.Any(key => key is not TextValue { Value: "_metadata" }))
        {
            throw Error("The state of an OrderedDict is not a dictionary with nothing but _metadata");
        }
    }

    private void AppendTo(CheckpointValue target, ReadOnlySpan<CheckpointValue> items)
    {
        if (target is not (SequenceValue { Kind: CheckpointValueKind.List } or OpaqueValue))
        {
            throw Error($"Something is appended to a value of kind {target.Kind}");
        }

        Count(items.Length);
        foreach (CheckpointValue item in items)
        {
            (target as SequenceValue)?.Append(item);
        }
    }

    private void SetIn(CheckpointValue target, ReadOnlySpan<CheckpointValue> pairs)
    {
        Count(pairs.Length / 2);
        if (target is OpaqueValue)
        {
            return;
        }

        if (target is not DictionaryValue dictionary)
        {
            throw Error($"An entry is set in a value of kind {target.Kind}, which is no dictionary");
        }

        if (pairs.Length % 2 != 0)
        {
            throw Error("A key has no value");
        }

        for (int i = 0; i < pairs.Length; i += 2)
        {
            CheckpointValue key = pairs[i];
            if (!DictionaryValue.CanBeKey(key))
            {
                throw Error($"A value of kind {key.Kind} is a key; texts, numbers, booleans and None can be");
            }

            if (key is TextValue text && text.Value.Length > _limits.MaxKeyBytes / 3 && Encoding.UTF8.GetByteCount(text.Value) > _limits.MaxKeyBytes)
            {
                throw Limit(
                    "The length of a key in bytes", nameof(CheckpointLimits.MaxKeyBytes), Encoding.UTF8.GetByteCount(text.Value), _limits.MaxKeyBytes);
            }

            if (!dictionary.TryAdd(key, pairs[i + 1]))
            {
                throw Error($"The key {key} occurs twice in a dictionary");
            }
        }
    }

    private void Count(int entries)
    {
        _entries += entries;
        if (_entries > _limits.MaxEntries)
        {
            throw Limit("The number of entries of dictionaries and lists", nameof(CheckpointLimits.MaxEntries), _entries, _limits.MaxEntries);
        }
    }
}
