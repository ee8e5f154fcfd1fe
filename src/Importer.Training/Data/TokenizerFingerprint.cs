using System.Buffers.Binary;
using System.Security.Cryptography;
using Importer.IO;
using PretrainedTokenizers;

namespace Importer.Training.Data;

/// <summary>Tells tokenizers apart, so that data is not read with another one than it was made with.</summary>
/// <remarks>
/// A vocabulary of characters is told by its characters in the order of their ids, whichever file they come from; byte-level BPE by
/// the files that decide its ids: tokenizer.json, or vocab.json and merges.txt.
/// </remarks>
public static class TokenizerFingerprint
{
    internal const string Bpe = "bpe";
    internal const string Char = "char";

    private static readonly string[][] Deciding = [["tokenizer.json"], ["vocab.json", "merges.txt"]];

    /// <summary>The SHA-256, in lower-case hex, of what decides a tokenizer's ids.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="directory">The directory it was loaded from; not used for characters.</param>
    /// <exception cref="ArgumentException">The directory has none of the files.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Of(Tokenizer tokenizer, string? directory = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (tokenizer is CharTokenizer characters)
        {
            Span<byte> codePoint = stackalloc byte[sizeof(int)];
            foreach (var rune in characters.Characters)
            {
                BinaryPrimitives.WriteInt32LittleEndian(codePoint, rune.Value);
                hash.AppendData(codePoint);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }

        string[] names = directory is null ? [] : Deciding.FirstOrDefault(files => File.Exists(Path.Combine(directory, files[0]))) ?? [];
        if (names.Length == 0)
        {
            throw new ArgumentException("A byte-level tokenizer is told by its files, so the directory that has them is needed.", nameof(directory));
        }

        return names is [var only]
            ? FileHash.Sha256(Path.Combine(directory!, only))
            : Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(string.Concat(names.Select(name => FileHash.Sha256(Path.Combine(directory!, name)))))));
    }

    internal static string KindOf(Tokenizer tokenizer) => tokenizer is CharTokenizer ? Char : Bpe;
}
