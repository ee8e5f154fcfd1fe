using System.Buffers;
using System.Text;
using System.Text.Json;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>Reads a vocabulary, a JSON object from token to id, without making a string of each token.</summary>
internal static class VocabularyReader
{
    /// <exception cref="TokenizerFormatException">It is not such an object.</exception>
    /// <exception cref="TokenizerLimitException">An id is too large.</exception>
    public static Vocabulary Read(ReadOnlyMemory<byte> json, string? path, string where, TokenizerLimits limits, ProblemList problems) =>
        JsonText.Guarded(path, where, () =>
        {
            Vocabulary vocabulary = new();
            Utf8JsonReader reader = new(json.Span);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new TokenizerFormatException($"{where} is not a JSON object from token to id", path);
            }

            byte[] text = ArrayPool<byte>.Shared.Rent(256);
            byte[] bytes = ArrayPool<byte>.Shared.Rent(256);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && !problems.IsFull)
            {
                int length = reader.ValueSpan.Length;
                Grow(ref text, length);
                Grow(ref bytes, length);
                length = reader.CopyString(text);
                ReadOnlySpan<byte> token = text.AsSpan(0, length);
                reader.Read();
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long id))
                {
                    problems.Add($"{where}: the id of {Quote(token)} is not an integer");
                    reader.Skip();
                }
                else if (Problem(vocabulary, token, id, bytes, path, limits) is { } problem)
                {
                    problems.Add($"{where}: {problem}");
                }
            }

            ArrayPool<byte>.Shared.Return(text);
            ArrayPool<byte>.Shared.Return(bytes);
            if (!problems.IsFull)
            {
                reader.Read();
            }

            return vocabulary;
        });

    private static string? Problem(
        Vocabulary vocabulary, ReadOnlySpan<byte> token, long id, byte[] bytes, string? path, TokenizerLimits limits)
    {
        if (id < 0)
        {
            return Invariant($"the id of {Quote(token)} is negative ({id})");
        }

        if (id >= limits.MaxVocabularySize)
        {
            throw new TokenizerLimitException(
                $"The vocabulary is too large for the id of the token {Quote(token)}", nameof(TokenizerLimits.MaxVocabularySize),
                Math.Min(id, long.MaxValue - 1) + 1, limits.MaxVocabularySize, path);
        }

        if (token.IsEmpty)
        {
            return Invariant($"the token with id {id} is empty");
        }

        if (vocabulary.Contains((int)id))
        {
            return Invariant($"the id {id} is given to {Quote(token)} and to another token");
        }

        int count = ByteAlphabet.Decode(token, bytes);
        bool literal = count < 0;
        ReadOnlySpan<byte> value = literal ? token : bytes.AsSpan(0, count);
        if (vocabulary.Find(value, literal) >= 0)
        {
            return $"the token {Quote(token)} is there twice";
        }

        vocabulary.Add((int)id, value, literal);
        return null;
    }

    private static string Quote(ReadOnlySpan<byte> token) => Escape.Quote(Encoding.UTF8.GetString(token));

    private static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(length);
        }
    }
}
