using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SharedSource.Text;

namespace SafeTensorSharp;

/// <summary>
/// The header's JSON in one pass over its bytes (R8 to R17), then the layout (R18, R19). System.Text.Json checks the syntax; everything
/// that gives a number or a name its meaning is checked here.
/// </summary>
internal ref struct HeaderParser
{
    private const string MetadataKey = "__metadata__";

    // Object, entry, array is all that is legal; the reference's own bound is 128, which only unknown fields can use.
    private const int StrictDepth = 4;
    private const int CompatDepth = 128;

    private readonly SafeTensorReadOptions _options;
    private readonly HeaderErrors _errors;
    private readonly long _dataOffset;
    private readonly List<SafeTensorInfo> _tensors;
    private readonly Dictionary<string, SafeTensorInfo> _byName;
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private Utf8JsonReader _json;
    private EntryParser _entries;

    private HeaderParser(ReadOnlySpan<byte> header, long dataOffset, SafeTensorReadOptions options, HeaderErrors errors)
    {
        _options = options;
        _errors = errors;
        _dataOffset = dataOffset;

        // An entry of an ordinary checkpoint takes about 100 bytes; one who claims more must show them first.
        int expected = Math.Min(header.Length / 100, 4096);
        _tensors = new List<SafeTensorInfo>(expected);
        _byName = new Dictionary<string, SafeTensorInfo>(expected, StringComparer.Ordinal);
        _json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = options.Compat ? CompatDepth : StrictDepth });
        _entries = new EntryParser(options, errors);
    }

    /// <summary>
    /// Parses <paramref name="start"/>: the length's 8 bytes, and the header, which is known to be UTF-8 and to begin with <c>{</c>.
    /// </summary>
    public static SafeTensorHeader Parse(ReadOnlySpan<byte> start, long fileLength, SafeTensorReadOptions options, HeaderErrors errors)
    {
        ReadOnlySpan<byte> header = start[SafeTensorHeader.LengthBytes..];
        HeaderParser parser = new(header, start.Length, options, errors);
        try
        {
            parser.ParseObject();
        }
        catch (JsonException e)
        {
            throw errors.At(
                SafeTensorErrorKind.InvalidHeaderDeserialization, Position(header, e),
                "The header is not one JSON object followed by white space", inner: e);
        }

        parser._tensors.TrimExcess();
        SafeTensorInfo[] tensors = HeaderLayout.SortAndCheck(parser._tensors, start.Length, fileLength, errors);
        return new SafeTensorHeader(
            Array.AsReadOnly(tensors), parser._byName, parser._metadata, [.. errors.Warnings],
            start.Length, fileLength, errors.Path);
    }

    private void ParseObject()
    {
        bool metadataSeen = false;
        _json.Read();
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            long position = _json.TokenStartIndex;
            string name = ReadKey();
            if (name == MetadataKey)
            {
                if (metadataSeen)
                {
                    throw _errors.DuplicateKey(position, name, tensorName: null);
                }

                metadataSeen = true;
                ParseMetadata();
                continue;
            }

            if (_tensors.Count >= _options.Limits.MaxTensors)
            {
                throw _errors.Limit(
                    "The number of tensors", nameof(SafeTensorLimits.MaxTensors), _tensors.Count + 1L,
                    _options.Limits.MaxTensors, position);
            }

            ref SafeTensorInfo? slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_byName, name, out bool exists);
            if (exists)
            {
                throw _errors.DuplicateKey(position, name, name);
            }

            _json.Read();
            slot = _entries.Parse(ref _json, name, _dataOffset);
            _tensors.Add(slot);
        }

        // Throws on anything but white space.
        _json.Read();
    }

    private string ReadKey()
    {
        int limit = _options.Limits.MaxNameBytes;
        long bytes = _json.ValueSpan.Length;
        long position = _json.TokenStartIndex;

        // An escape takes six bytes at most, so a name that is far too long is refused before it is copied.
        if (bytes / 6 <= Math.Max(limit, MetadataKey.Length))
        {
            string name = _json.Text(_errors, tensorName: null);
            bytes = bytes > limit ? Encoding.UTF8.GetByteCount(name) : bytes;
            if (bytes <= limit || name == MetadataKey)
            {
                return name;
            }
        }

        throw _errors.Limit("The length of a tensor's name in bytes", nameof(SafeTensorLimits.MaxNameBytes), bytes, limit, position);
    }

    private void ParseMetadata()
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.Null && _options.Compat)
        {
            _errors.Warnings.Add($"{MetadataKey} is null.");
            return;
        }

        if (_json.TokenType != JsonTokenType.StartObject)
        {
            const string problem = $"{MetadataKey} is not an object";
            throw _json.TokenType == JsonTokenType.Null
                ? _errors.LaxAt(SafeTensorErrorKind.InvalidMetadata, _json.TokenStartIndex, problem)
                : _errors.At(SafeTensorErrorKind.InvalidMetadata, _json.TokenStartIndex, problem);
        }

        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            long position = _json.TokenStartIndex;
            string key = _json.Text(_errors, tensorName: null);
            _json.Read();
            if (_json.TokenType != JsonTokenType.String)
            {
                throw _errors.At(
                    SafeTensorErrorKind.InvalidMetadata, _json.TokenStartIndex,
                    $"The value of {Escape.Quote(key)} in {MetadataKey} is not a string");
            }

            if (!_metadata.TryAdd(key, _json.Text(_errors, tensorName: null)))
            {
                throw _errors.DuplicateKey(position, key, tensorName: null);
            }

            if (_metadata.Count > _options.Limits.MaxMetadataEntries)
            {
                throw _errors.Limit(
                    $"The number of entries of {MetadataKey}", nameof(SafeTensorLimits.MaxMetadataEntries), _metadata.Count,
                    _options.Limits.MaxMetadataEntries, position);
            }
        }
    }

    // System.Text.Json tells line and column; a position in the file is one number.
    private static long Position(ReadOnlySpan<byte> header, JsonException e)
    {
        long position = 0;
        for (long line = e.LineNumber ?? 0; line > 0; line--)
        {
            position += header[(int)position..].IndexOf((byte)'\n') + 1;
        }

        return Math.Min(position + (e.BytePositionInLine ?? 0), header.Length);
    }
}
