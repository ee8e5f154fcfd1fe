using System.Buffers;
using System.Text;
using PretrainedTokenizers;

namespace Importer.Training.Data;

/// <summary>What a first reading of a corpus finds: that it is valid, how long it is, which characters it has.</summary>
/// <param name="Source">What was read.</param>
/// <param name="Characters">The vocabulary of its characters; null where nobody asked for it.</param>
internal sealed record CorpusScan(DatasetSource Source, CharTokenizer? Characters)
{
    private const int AllCodePoints = 0x110000;

    /// <summary>What is put behind a document where the tokenizer has no end of text.</summary>
    public const string Separator = "\n";

    /// <summary>Reads everything, in bounded memory.</summary>
    public static CorpusScan Of(Corpus corpus, bool withCharacters, Action<long> progress, CancellationToken cancellationToken)
    {
        using var pass = new TextPass(progress, cancellationToken);
        bool[]? seen = withCharacters ? new bool[AllCodePoints] : null;
        char[] buffer = ArrayPool<char>.Shared.Rent(64 << 10);
        long characters = 0, documents = 0;
        try
        {
            foreach (var document in corpus.Documents(pass))
            {
                documents++;
                char high = '\0';
                while (document.Read(buffer, 0, buffer.Length) is > 0 and var read)
                {
                    characters += CodePoints.Count(buffer.AsSpan(0, read));
                    if (seen is not null)
                    {
                        Mark(buffer.AsSpan(0, read), seen, ref high);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }

        if (seen is not null && corpus.HasDocuments)
        {
            seen[Separator[0]] = true;
        }

        var source = new DatasetSource(corpus.Name, pass.Files, pass.Bytes, characters, documents, pass.Sha256(corpus.IsDirectory), corpus.Field);
        return new CorpusScan(source, seen is null ? null : CharTokenizer.FromText(TextOf(seen)));
    }

    private static void Mark(ReadOnlySpan<char> text, bool[] seen, ref char high)
    {
        foreach (char c in text)
        {
            if (char.IsHighSurrogate(c))
            {
                high = c;
            }
            else
            {
                seen[char.IsLowSurrogate(c) ? char.ConvertToUtf32(high, c) : c] = true;
            }
        }
    }

    private static string TextOf(bool[] seen)
    {
        var text = new StringBuilder();
        for (int i = 0; i < seen.Length; i++)
        {
            if (seen[i])
            {
                text.Append(char.ConvertFromUtf32(i));
            }
        }

        return text.ToString();
    }
}
