using System.Text;
using System.Text.Json;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>
/// Reads a list of merges, in order of rank: lines of merges.txt, or the array in tokenizer.json in its older and newer form.
/// </summary>
internal sealed class MergesReader(Vocabulary vocabulary, string where, string unit, ProblemList problems)
{
    private readonly List<(int Left, int Right, int Result)> _merges = [];
    private byte[] _pair = new byte[256];

    /// <summary>merges.txt: a comment with the version, then a pair a line. Later lines that begin with # are merges.</summary>
    public static MergeTable ReadText(ReadOnlySpan<byte> text, Vocabulary vocabulary, ProblemList problems)
    {
        MergesReader reader = new(vocabulary, "merges.txt", "line", problems);
        int number = 0;
        while (!text.IsEmpty && !problems.IsFull)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            line = line.TrimEnd((byte)'\r');
            number++;
            if (!line.IsEmpty && !(number == 1 && line.StartsWith("#version"u8)))
            {
                reader.Add(line, number);
            }
        }

        return reader.ToTable();
    }

    /// <summary>An array of <c>"a b"</c> or of <c>["a", "b"]</c>.</summary>
    public static MergeTable ReadJson(ReadOnlyMemory<byte> json, string? path, Vocabulary vocabulary, ProblemList problems) =>
        JsonText.Guarded(path, "model.merges", () =>
        {
            MergesReader merges = new(vocabulary, "model.merges", "number", problems);
            Utf8JsonReader reader = new(json.Span);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new TokenizerFormatException("model.merges is not an array", path);
            }

            byte[] left = new byte[256];
            byte[] right = new byte[256];
            for (int number = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray && !problems.IsFull; number++)
            {
                if (reader.TokenType == JsonTokenType.String)
                {
                    merges.Add(Copy(ref reader, ref left), number);
                    continue;
                }

                int strings = 0;
                bool isPair = reader.TokenType == JsonTokenType.StartArray;
                ReadOnlySpan<byte> first = default;
                ReadOnlySpan<byte> second = default;
                while (isPair && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    isPair = reader.TokenType == JsonTokenType.String && ++strings <= 2;
                    if (isPair && strings == 1)
                    {
                        first = Copy(ref reader, ref left);
                    }
                    else if (isPair)
                    {
                        second = Copy(ref reader, ref right);
                    }
                }

                if (!isPair || strings != 2)
                {
                    // The rest is not looked at: without knowing where an entry ends there is nothing more to say.
                    problems.Add(Invariant($"model.merges: number {number} is not a pair of tokens"));
                    break;
                }

                merges.Add(first, second, number);
            }

            return merges.ToTable();
        });

    private static ReadOnlySpan<byte> Copy(scoped ref Utf8JsonReader reader, scoped ref byte[] buffer)
    {
        if (buffer.Length < reader.ValueSpan.Length)
        {
            buffer = new byte[reader.ValueSpan.Length];
        }

        return buffer.AsSpan(0, reader.CopyString(buffer));
    }

    private void Add(ReadOnlySpan<byte> pair, int number)
    {
        int space = pair.IndexOf((byte)' ');
        if (space < 0 || pair[(space + 1)..].Contains((byte)' '))
        {
            problems.Add(Invariant($"{where}: {unit} {number} is not two tokens with a space between them: {Quote(pair)}"));
            return;
        }

        Add(pair[..space], pair[(space + 1)..], number);
    }

    private void Add(ReadOnlySpan<byte> leftText, ReadOnlySpan<byte> rightText, int number)
    {
        if (_pair.Length < leftText.Length + rightText.Length)
        {
            _pair = new byte[leftText.Length + rightText.Length];
        }

        int left = Find(leftText, _pair, number, out int leftLength);
        int right = Find(rightText, _pair.AsSpan(leftLength), number, out int rightLength);
        if (left < 0 || right < 0)
        {
            return;
        }

        int result = vocabulary.Find(_pair.AsSpan(0, leftLength + rightLength));
        if (result < 0)
        {
            string pair = $"{Quote(leftText)} and {Quote(rightText)}";
            problems.Add(Invariant($"{where}: {unit} {number} merges {pair}, but the vocabulary lacks what they make"));
            return;
        }

        _merges.Add((left, right, result));
    }

    private int Find(ReadOnlySpan<byte> text, Span<byte> bytes, int number, out int length)
    {
        length = Math.Max(ByteAlphabet.Decode(text, bytes), 0);
        int id = length == 0 ? -1 : vocabulary.Find(bytes[..length]);
        if (id < 0)
        {
            problems.Add(Invariant($"{where}: {unit} {number} merges {Quote(text)}, which the vocabulary lacks"));
        }

        return id;
    }

    private MergeTable ToTable()
    {
        MergeTable table = new(_merges.Count);
        for (int rank = 0; rank < _merges.Count; rank++)
        {
            var (left, right, result) = _merges[rank];
            table.Add(left, right, (uint)rank, result);
        }

        return table;
    }

    private static string Quote(ReadOnlySpan<byte> text) => Escape.Quote(Encoding.UTF8.GetString(text));
}
