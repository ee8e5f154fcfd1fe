using System.Buffers.Binary;
using System.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>
/// Reads the pickle of a dict of strings, integers and dicts, protocols 2 to 5, as Python's pickle.dump writes it. Every other opcode is
/// refused, so nothing can be imported, called or built; work and memory are in proportion to the file.
/// </summary>
internal sealed class MetaPickleReader
{
    private const byte Proto = 0x80;

    private static readonly object Mark = new();

    private readonly byte[] _bytes;
    private readonly string _path;
    private readonly Stack<object> _stack = new();
    private readonly Dictionary<long, object> _memo = [];
    private int _at;

    private MetaPickleReader(byte[] bytes, string path)
    {
        _bytes = bytes;
        _path = path;
    }

    public static bool IsPickle(ReadOnlySpan<byte> bytes) => bytes is [Proto, ..];

    /// <exception cref="TokenizerFormatException">The pickle is damaged or holds something else.</exception>
    public static CharMeta Read(byte[] bytes, string path)
    {
        MetaPickleReader reader = new(bytes, path);
        return reader.ToMeta(reader.Run());
    }

    private object Run()
    {
        while (true)
        {
            int start = _at;
            byte opcode = Take(1)[0];
            switch (opcode)
            {
                case Proto:
                    int protocol = Take(1)[0];
                    if (protocol is < 2 or > 5)
                    {
                        throw Broken(Invariant($"pickle protocol {protocol}"), start);
                    }

                    break;
                case 0x95: // FRAME: only says how long the following is.
                    Take(8);
                    break;
                case (byte)'}':
                    _stack.Push(new Dictionary<object, object>());
                    break;
                case (byte)'(':
                    _stack.Push(Mark);
                    break;
                case (byte)'K':
                    _stack.Push((long)Take(1)[0]);
                    break;
                case (byte)'M':
                    _stack.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                    break;
                case (byte)'J':
                    _stack.Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                    break;
                case 0x8C:
                    PushText(Take(1)[0], start);
                    break;
                case (byte)'X':
                    PushText(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), start);
                    break;
                case 0x8D:
                    PushText(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)), start);
                    break;
                case 0x94:
                    _memo[_memo.Count] = Top(start);
                    break;
                case (byte)'q':
                    _memo[Take(1)[0]] = Top(start);
                    break;
                case (byte)'r':
                    _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Top(start);
                    break;
                case (byte)'h':
                    PushMemo(Take(1)[0], start);
                    break;
                case (byte)'j':
                    PushMemo(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), start);
                    break;
                case (byte)'s':
                    object value = Pop(start);
                    object key = Pop(start);
                    Set(key, value, start);
                    break;
                case (byte)'u':
                    SetItems(start);
                    break;
                case (byte)'.':
                    return Pop(start);
                default:
                    throw Broken(Invariant($"the pickle opcode 0x{opcode:X2}, which a dict of strings and integers does not need"), start);
            }
        }
    }

    private CharMeta ToMeta(object root)
    {
        if (root is not Dictionary<object, object> members)
        {
            throw Broken("a pickle of something else than a dict", 0);
        }

        CharMeta meta = new();
        if (members.TryGetValue("vocab_size", out object? size))
        {
            meta.VocabularySize = size as long? ?? throw Broken("a vocab_size that is not an integer", 0);
        }

        if (members.TryGetValue("stoi", out object? stoi))
        {
            meta.Ids = Typed<string, long>(stoi, "stoi", "characters to integers");
        }

        if (members.TryGetValue("itos", out object? itos))
        {
            meta.Characters = Typed<long, string>(itos, "itos", "integers to characters");
        }

        return meta;
    }

    private Dictionary<TKey, TValue> Typed<TKey, TValue>(object value, string name, string expected)
        where TKey : notnull
    {
        Dictionary<TKey, TValue> result = [];
        foreach (var (key, item) in value as Dictionary<object, object> ?? throw Broken($"{name} that is not a dict from {expected}", 0))
        {
            if (key is not TKey typedKey || item is not TValue typedItem)
            {
                throw Broken($"{name} that is not a dict from {expected}", 0);
            }

            result.Add(typedKey, typedItem);
        }

        return result;
    }

    private void SetItems(int start)
    {
        List<object> items = [];
        while (Pop(start) is var item && !ReferenceEquals(item, Mark))
        {
            items.Add(item);
        }

        if (items.Count % 2 != 0)
        {
            throw Broken("a key without a value", start);
        }

        for (int i = items.Count - 1; i > 0; i -= 2)
        {
            Set(items[i], items[i - 1], start);
        }
    }

    private void Set(object key, object value, int start)
    {
        if (Top(start) is not Dictionary<object, object> dictionary || key is not (string or long)
            || value is not (string or long or Dictionary<object, object>))
        {
            throw Broken("an entry that is not one of a dict of strings and integers", start);
        }

        dictionary[key] = value;
    }

    private void PushText(ulong length, int start)
    {
        ReadOnlySpan<byte> bytes = Take(length);
        try
        {
            _stack.Push(StrictUtf8.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            throw Broken("a string that is not UTF-8", start);
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private void PushMemo(long index, int start) =>
        _stack.Push(_memo.TryGetValue(index, out object? value) ? value : throw Broken("a reference to nothing", start));

    private object Top(int start) => _stack.TryPeek(out object? value) ? value : throw Broken("an opcode that lacks its operand", start);

    private object Pop(int start) => _stack.TryPop(out object? value) ? value : throw Broken("an opcode that lacks its operand", start);

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
        {
            throw Broken("an end before its end", _bytes.Length);
        }

        ReadOnlySpan<byte> bytes = _bytes.AsSpan(_at, (int)count);
        _at += (int)count;
        return bytes;
    }

    private TokenizerFormatException Broken(string what, int position) => new(
        Invariant($"The file has {what}, at byte {position:N0}"),
        _path,
        remedy: "A meta.pkl is a pickled dict of vocab_size, itos and stoi, as nanoGPT's prepare.py writes it; write it again with that.");
}
