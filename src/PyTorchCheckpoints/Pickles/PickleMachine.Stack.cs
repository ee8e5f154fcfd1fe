using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <content>The stack and the memo.</content>
internal sealed partial class PickleMachine
{
    private void Memoize(uint index)
    {
        CheckpointValue value = Peek();
        if (index < _memo.Count)
        {
            _memo[(int)index] = value;
            return;
        }

        if (_memo.Count + _sparseMemo.Count >= _limits.MaxMemo)
        {
            throw Limit("The number of memo entries", nameof(CheckpointLimits.MaxMemo), _memo.Count + _sparseMemo.Count + 1L, _limits.MaxMemo);
        }

        // An index is no size: Python counts from 0 upwards, and whoever does not gets no array.
        if (index == _memo.Count)
        {
            _memo.Add(value);
            _sparseMemo.Remove(index);
        }
        else
        {
            _sparseMemo[index] = value;
        }
    }

    private CheckpointValue Recall(uint index)
    {
        CheckpointValue? value = index < _memo.Count ? _memo[(int)index] : _sparseMemo.GetValueOrDefault(index);
        return value ?? throw Error(Invariant($"Memo entry {index} is used before it is set"));
    }

    private void PushNew(CheckpointValue value)
    {
        if (++_objects > _limits.MaxObjects)
        {
            throw Limit("The number of objects", nameof(CheckpointLimits.MaxObjects), _objects, _limits.MaxObjects);
        }

        Push(value);
    }

    private void Push(CheckpointValue value)
    {
        if (_depth == _stack.Length)
        {
            CheckStack(_depth + 1);
            Array.Resize(ref _stack, (int)Math.Min(2L * _depth, _limits.MaxStack));
        }

        _stack[_depth++] = value;
    }

    private void CheckStack(int depth)
    {
        if (depth > _limits.MaxStack)
        {
            throw Limit("The depth of the stack", nameof(CheckpointLimits.MaxStack), depth, _limits.MaxStack);
        }
    }

    // What lies below an open MARK is out of reach.
    private void Require(int count)
    {
        if (_depth - (_marks.Count > 0 ? _marks[^1] : 0) < count)
        {
            throw Error("The stack has fewer values than the opcode needs");
        }
    }

    private CheckpointValue Peek()
    {
        Require(1);
        return _stack[_depth - 1];
    }

    private CheckpointValue Pop()
    {
        Require(1);
        return _stack[--_depth];
    }

    private CheckpointValue[] PopMany(int count)
    {
        Require(count);
        _depth -= count;
        return _stack.AsSpan(_depth, count).ToArray();
    }

    private CheckpointValue[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Error("There is no MARK on the stack");
        }

        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        CheckpointValue[] items = _stack.AsSpan(mark, _depth - mark).ToArray();
        _depth = mark;
        return items;
    }
}
