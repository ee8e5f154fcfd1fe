using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Importer.IO;
using Microsoft.Win32.SafeHandles;

namespace Importer.Training.Data;

/// <summary>
/// A file of token ids and nothing else, such as nanoGPT's <c>train.bin</c>, read where it is asked for: the system's page cache holds
/// what is used, the process nothing.
/// </summary>
/// <remarks>
/// It is read at positions rather than mapped: the same pages, but a file that is cut while a run reads it, or a disk that fails, is an
/// exception after which a checkpoint can be saved, where a mapping would end the process with SIGBUS.
/// </remarks>
public sealed class TokenFile : ITokenSource, IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly int _size;

    private TokenFile(string path, TokenDType dtype, SafeFileHandle handle, long count)
    {
        Path = path;
        DType = dtype;
        Count = count;
        _handle = handle;
        _size = dtype.Size();
        VocabularySize = dtype == TokenDType.U16 ? TokenDTypes.UInt16Ids : int.MaxValue;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>How tokens are stored.</summary>
    public TokenDType DType { get; }

    /// <inheritdoc/>
    public long Count { get; }

    /// <summary>How many ids there are; a larger one that is read is an error. Initially all that the dtype can hold.</summary>
    public int VocabularySize { get; private set; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file; it may be empty.</param>
    /// <param name="dtype">How tokens are stored.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="NotAFileException">There is something else under that name.</exception>
    /// <exception cref="DatasetFormatException">It is not a whole number of tokens long, or is really something else.</exception>
    /// <exception cref="IOException">The disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static TokenFile Open(string path, TokenDType dtype = TokenDType.U16)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long length = RegularFile.Length(path);
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
        try
        {
            length = Math.Max(length, RandomAccess.GetLength(handle));
            RejectOther(path, handle);
            if (length % dtype.Size() != 0)
            {
                throw new DatasetFormatException(
                    path,
                    [string.Create(CultureInfo.InvariantCulture, $"it is {length:N0} bytes long, which is no whole number of {dtype.Name()} tokens")],
                    "It was cut, or is no file of tokens; prepare the data again.");
            }

            return new TokenFile(path, dtype, handle, length / dtype.Size());
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Says how many ids a model has, so that data of another tokenizer is noticed where it is read.</summary>
    /// <param name="vocabularySize">The number of ids.</param>
    public void LimitTo(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        VocabularySize = vocabularySize;
    }

    /// <inheritdoc/>
    public void Read(long offset, Span<long> tokens)
    {
        if (offset < 0 || offset > Count - tokens.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), offset, string.Create(CultureInfo.InvariantCulture, $"{tokens.Length} tokens from {offset} on are not among the {Count} of {DisplayText.Escape(Path)}."));
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent(tokens.Length * _size);
        try
        {
            Span<byte> wanted = bytes.AsSpan(0, tokens.Length * _size);
            Fill(offset * _size, wanted);
            Widen(wanted, tokens);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        long largest = 0;
        foreach (long token in tokens)
        {
            largest = Math.Max(largest, token);
        }

        if (largest >= VocabularySize)
        {
            int at = tokens.IndexOfAnyExceptInRange(0, VocabularySize - 1L);
            throw new TokenOutOfRangeException(Path, offset + at, tokens[at], VocabularySize);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // The usual suspects that an even length lets through.
    private static void RejectOther(string path, SafeFileHandle handle)
    {
        Span<byte> start = stackalloc byte[64];
        start = start[..RandomAccess.Read(handle, start, 0)];
        if (start.StartsWith("version https://git-lfs"u8))
        {
            throw new DatasetFormatException(path, [ForeignContent.Describe(start)!], "A file of tokens is needed.");
        }
    }

    private void Widen(Span<byte> bytes, Span<long> tokens)
    {
        if (_size == sizeof(ushort))
        {
            var narrow = MemoryMarshal.Cast<byte, ushort>(bytes);
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = BitConverter.IsLittleEndian ? narrow[i] : BinaryPrimitives.ReverseEndianness(narrow[i]);
            }
        }
        else
        {
            var narrow = MemoryMarshal.Cast<byte, uint>(bytes);
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = BitConverter.IsLittleEndian ? narrow[i] : BinaryPrimitives.ReverseEndianness(narrow[i]);
            }
        }
    }

    private void Fill(long position, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(_handle, bytes, position);
            if (read == 0)
            {
                throw new DatasetFormatException(
                    Path,
                    [string.Create(CultureInfo.InvariantCulture, $"it ends at byte {position:N0}, and was {Count * _size:N0} long when it was opened")],
                    "Somebody wrote to it during the run; prepare the data again and resume.");
            }

            position += read;
            bytes = bytes[read..];
        }
    }
}
