using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// The header of a safetensors file: every tensor's name, type, shape and place. It is complete and consistent: the tensors fill the
/// file from <see cref="DataOffset"/> to its end without a hole or an overlap.
/// </summary>
public sealed class SafeTensorHeader
{
    /// <summary>The number of bytes before the header: its length as an unsigned 64-bit little-endian integer.</summary>
    public const int LengthBytes = 8;

    private readonly Dictionary<string, SafeTensorInfo> _byName;

    internal SafeTensorHeader(
        IReadOnlyList<SafeTensorInfo> tensors, Dictionary<string, SafeTensorInfo> byName, Dictionary<string, string> metadata,
        IReadOnlyList<string> warnings, long dataOffset, long fileLength, string? path)
    {
        Tensors = tensors;
        _byName = byName;
        Metadata = metadata.Count == 0 ? ReadOnlyDictionary<string, string>.Empty : new ReadOnlyDictionary<string, string>(metadata);
        Warnings = warnings;
        DataOffset = dataOffset;
        FileLength = fileLength;
        Path = path;
    }

    /// <summary>The tensors in the order of their data in the file.</summary>
    public IReadOnlyList<SafeTensorInfo> Tensors { get; }

    /// <summary>
    /// The texts of <c>__metadata__</c>; empty when there are none. Writers that serve PyTorch set <c>format</c> to <c>pt</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What was accepted only because <see cref="SafeTensorReadOptions.Compat"/> was asked for.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Where the data begins: 8 + N bytes from the beginning of the file. Exactly these bytes are read to identify a file.
    /// </summary>
    public long DataOffset { get; }

    /// <summary>The file's length in bytes.</summary>
    public long FileLength { get; }

    /// <summary>The file; null when the header was parsed from memory without a name.</summary>
    public string? Path { get; }

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="SafeTensorNotFoundException">There is none.</exception>
    public SafeTensorInfo this[string name] =>
        TryGetTensor(name, out SafeTensorInfo? tensor) ? tensor : throw new SafeTensorNotFoundException(name, Path, Tensors.Count);

    /// <summary>Reads and checks a file's header and nothing else: 8 + N bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Strictness and limits.</param>
    /// <exception cref="SafeTensorException">The file is not valid; every rule of the format is checked.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    public static SafeTensorHeader Identify(string path, SafeTensorReadOptions? options = null)
    {
        options = SafeTensorReadOptions.Validate(options);
        using FileSource source = FileSource.Open(path);
        return HeaderReader.Read(source, options);
    }

    /// <inheritdoc cref="Identify(string, SafeTensorReadOptions?)"/>
    /// <param name="handle">The open file; it stays open, and its own position plays no part.</param>
    /// <param name="path">The file's name for messages.</param>
    /// <param name="options">Strictness and limits.</param>
    public static SafeTensorHeader Identify(SafeFileHandle handle, string? path = null, SafeTensorReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handle);
        options = SafeTensorReadOptions.Validate(options);
        using FileSource source = FileSource.Borrow(handle, path);
        return HeaderReader.Read(source, options);
    }

    /// <inheritdoc cref="Identify(string, SafeTensorReadOptions?)"/>
    /// <param name="path">The file.</param>
    /// <param name="options">Strictness and limits.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<SafeTensorHeader> IdentifyAsync(
        string path, SafeTensorReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = SafeTensorReadOptions.Validate(options);
        using FileSource source = FileSource.Open(path);
        return await HeaderReader.ReadAsync(source, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// From a file's first bytes, how many bytes the header takes: what to fetch for <see cref="Parse"/> when the file is far away.
    /// </summary>
    /// <param name="start">The first 8 bytes or more; more of them make for better messages when the file is something else.</param>
    /// <param name="fileLength">The length of the whole file in bytes.</param>
    /// <param name="options">Strictness and limits.</param>
    /// <param name="path">The file's name for messages.</param>
    /// <returns><see cref="DataOffset"/>: 8 + N.</returns>
    /// <exception cref="ArgumentException">There are fewer than 8 bytes although the file is longer.</exception>
    /// <exception cref="SafeTensorException">The length is not valid.</exception>
    public static long ReadDataOffset(
        ReadOnlySpan<byte> start, long fileLength, SafeTensorReadOptions? options = null, string? path = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fileLength);
        options = SafeTensorReadOptions.Validate(options);
        if (start.Length < Math.Min(LengthBytes, fileLength))
        {
            throw new ArgumentException($"Give the file's first {LengthBytes} bytes.", nameof(start));
        }

        return HeaderReader.ReadDataOffset(start, fileLength, options.Limits, path);
    }

    /// <summary>Checks a header that is already in memory, such as one fetched by a range request.</summary>
    /// <param name="start">The file's first bytes: 8 + N of them (<see cref="ReadDataOffset"/>) or more.</param>
    /// <param name="fileLength">The length of the whole file in bytes, which the header is checked against.</param>
    /// <param name="options">Strictness and limits.</param>
    /// <param name="path">The file's name for messages and for <see cref="Path"/>.</param>
    /// <exception cref="ArgumentException">There are fewer than 8 + N bytes although the file is longer.</exception>
    /// <exception cref="SafeTensorException">The header is not valid.</exception>
    public static SafeTensorHeader Parse(
        ReadOnlySpan<byte> start, long fileLength, SafeTensorReadOptions? options = null, string? path = null)
    {
        options = SafeTensorReadOptions.Validate(options);
        long dataOffset = ReadDataOffset(start, fileLength, options, path);
        if (start.Length < dataOffset)
        {
            throw new ArgumentException(
                Invariant($"The header takes {dataOffset} bytes and {start.Length} are given."), nameof(start));
        }

        return HeaderReader.Parse(start[..(int)dataOffset], fileLength, options, path);
    }

    /// <summary>Whether there is a tensor of that name in that place; it may come from another look at the same file.</summary>
    internal bool Has(SafeTensorInfo tensor) => _byName.TryGetValue(tensor.Name, out SafeTensorInfo? own)
        && own.FileOffset == tensor.FileOffset && own.ByteCount == tensor.ByteCount && own.DType == tensor.DType;

    /// <summary>Finds a tensor by its name.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out SafeTensorInfo? tensor)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _byName.TryGetValue(name, out tensor);
    }
}
