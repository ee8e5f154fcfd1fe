using System.Text;
using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// A tree of values that is to be written, looked through once: what in it cannot be written, what stands at several places, and under
/// which keys tensors are found.
/// </summary>
internal sealed class WrittenTree
{
    private const int MaxDepth = 256;
    private const int MaxProblems = 1000;

    // The number of places of each container and tensor; negative while its content is being looked at.
    private readonly Dictionary<CheckpointValue, int> _places = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CheckpointValue, string> _names = new(ReferenceEqualityComparer.Instance);
    private readonly List<string> _problems = [];
    private readonly Stack<(CheckpointValue Value, int Next, string Keys)> _open = [];

    private WrittenTree(CheckpointValue root) => Root = root;

    public CheckpointValue Root { get; }

    /// <summary>Looks through a tree.</summary>
    /// <exception cref="CheckpointWriteException">Something in it cannot be written; everything is told.</exception>
    public static WrittenTree Check(CheckpointValue root, string path)
    {
        WrittenTree tree = new(root);
        tree.Run();
        return tree._problems.Count == 0
            ? tree
            : throw new CheckpointWriteException(
                CheckpointErrorKind.InvalidValue, tree._problems,
                "Write dictionaries, lists, tuples, texts, numbers, booleans, None, bytes, dtypes and tensors.", path);
    }

    public bool IsShared(CheckpointValue value) => Math.Abs(_places.GetValueOrDefault(value)) > 1;

    /// <summary>The keys that lead to a tensor's first place, joined by <c>/</c>.</summary>
    public string NameOf(PyTorchTensor tensor) => _names.GetValueOrDefault(tensor, "");

    private void Run()
    {
        Enter(Root, "");
        while (_open.TryPop(out (CheckpointValue Value, int Next, string Keys) top))
        {
            if (top.Next == top.Value.ChildCount)
            {
                _places[top.Value] = Math.Abs(_places[top.Value]);
                continue;
            }

            _open.Push((top.Value, top.Next + 1, top.Keys));
            string step = Invariant($"{top.Next}");
            if (top.Value is DictionaryValue dictionary)
            {
                CheckpointValue key = dictionary.Entry(top.Next).Key;
                CheckText(key, top.Keys);
                step = key is TextValue text ? text.Value : key.ToString()!;
            }

            Enter(top.Value.Child(top.Next), top.Keys.Length == 0 ? step : $"{top.Keys}/{step}");
        }
    }

    private void Enter(CheckpointValue value, string keys)
    {
        if (value is OpaqueValue or StorageValue or GlobalValue)
        {
            Problem(keys, $"is an {value}");
        }

        CheckText(value, keys);
        if (value is not (SequenceValue or DictionaryValue or PyTorchTensor or BytesValue))
        {
            return;
        }

        int places = _places.GetValueOrDefault(value);
        if (places < 0)
        {
            Problem(keys, "contains itself");
        }
        else if (places > 0 || value.ChildCount == 0)
        {
            _places[value] = places + 1;
            _names.TryAdd(value, keys);
        }
        else if (_open.Count >= MaxDepth)
        {
            Problem(keys, Invariant($"lies deeper than {MaxDepth} containers"));
        }
        else
        {
            _places[value] = -1;
            _open.Push((value, 0, keys));
        }
    }

    private void CheckText(CheckpointValue value, string keys)
    {
        if (value is TextValue text)
        {
            for (int i = 0; i < text.Value.Length; i++)
            {
                if (!Rune.TryGetRuneAt(text.Value, i, out Rune rune))
                {
                    Problem(keys, "is or has a text with half of a surrogate pair");
                    break;
                }

                i += rune.Utf16SequenceLength - 1;
            }
        }
    }

    private void Problem(string keys, string what)
    {
        if (_problems.Count < MaxProblems)
        {
            _problems.Add($"What is at {Escape.Quote(keys)} {what}");
        }
    }
}
