using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using SharedSource.Text;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// The JSON of an index: <c>{"metadata":{"total_size":…},"weight_map":{name:file,…}}</c>. Other members are not specified, and ignored.
/// </summary>
internal ref struct IndexParser
{
    private const string Remedy = "Fetch the index again from the model's repository.";
    private const int MaxDepth = 64;

    private readonly SafeTensorLimits _limits;
    private readonly string? _path;
    private readonly Dictionary<string, string> _weightMap = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _fileNames = new(StringComparer.Ordinal);
    private readonly List<SafeTensorProblem> _problems = [];
    private readonly List<string> _warnings = [];
    private Utf8JsonReader _json;
    private long? _totalSize;

    private IndexParser(ReadOnlySpan<byte> json, SafeTensorLimits limits, string? path)
    {
        _limits = limits;
        _path = path;
        _json = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    public static void CheckLength(long length, SafeTensorLimits limits, string? path)
    {
        if (length > limits.MaxHeaderBytes)
        {
            throw new SafeTensorLimitException(
                SafeTensorErrorKind.LimitExceeded, "The index's length in bytes", nameof(SafeTensorLimits.MaxHeaderBytes), (ulong)length,
                limits.MaxHeaderBytes, path, position: null, tensorName: null);
        }
    }

    public static SafeTensorIndex Parse(ReadOnlySpan<byte> json, SafeTensorLimits limits, string? path)
    {
        if (!Utf8.IsValid(json))
        {
            throw Error(SafeTensorErrorKind.InvalidIndex, "The index is not valid UTF-8", path, position: null);
        }

        IndexParser parser = new(json, limits, path);
        try
        {
            return parser.ParseRoot();
        }
        catch (JsonException e)
        {
            throw Error(
                SafeTensorErrorKind.InvalidIndex,
                Invariant($"The index is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})"),
                path,
                position: null,
                e);
        }
    }

    private SafeTensorIndex ParseRoot()
    {
        _json.Read();
        Expect(JsonTokenType.StartObject, "The index");
        HashSet<string> members = new(StringComparer.Ordinal);
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string member = Text();
            if (!members.Add(member))
            {
                throw Duplicate(member);
            }

            _json.Read();
            switch (member)
            {
                case "weight_map":
                    ParseWeightMap();
                    break;
                case "metadata" when _json.TokenType == JsonTokenType.StartObject:
                    ParseMetadata();
                    break;
                default:
                    _json.Skip();
                    break;
            }
        }

        _json.Read();
        if (!members.Contains("weight_map"))
        {
            throw Error(SafeTensorErrorKind.InvalidIndex, "The index has no weight_map", _path, position: null);
        }

        if (_problems.Count > 0)
        {
            throw new SafeTensorSetException(
                _problems, "Every file of a set lies beside its index; do not use an index that names others.", _path);
        }

        return new SafeTensorIndex(
            _weightMap, [.. _fileNames.Keys.Order(StringComparer.Ordinal)], _totalSize, [.. _warnings], _path);
    }

    private void ParseWeightMap()
    {
        Expect(JsonTokenType.StartObject, "weight_map");
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            long position = _json.TokenStartIndex;
            string tensor = Text();
            if (tensor.Length > _limits.MaxNameBytes || Encoding.UTF8.GetByteCount(tensor) > _limits.MaxNameBytes)
            {
                throw Limit(
                    "The length of a tensor's name in bytes", nameof(SafeTensorLimits.MaxNameBytes),
                    Encoding.UTF8.GetByteCount(tensor), _limits.MaxNameBytes, position);
            }

            _json.Read();
            Expect(JsonTokenType.String, $"The file of {Escape.Quote(tensor)}");
            string file = FileName(tensor);
            if (!_weightMap.TryAdd(tensor, file))
            {
                throw Duplicate(tensor);
            }

            if (_weightMap.Count > _limits.MaxTensors)
            {
                throw Limit("The number of tensors", nameof(SafeTensorLimits.MaxTensors), _weightMap.Count, _limits.MaxTensors, position);
            }
        }
    }

    // Each name is checked once and kept once, however many tensors are in the file.
    private string FileName(string tensor)
    {
        string file = Text();
        if (_fileNames.TryGetValue(file, out string? known))
        {
            return known;
        }

        _fileNames.Add(file, file);
        if (ShardNames.Problem(file) is { } problem)
        {
            _problems.Add(new SafeTensorProblem(
                SafeTensorErrorKind.InvalidShardName,
                $"The file name {Escape.Quote(file)} of tensor {Escape.Quote(tensor)} {problem}",
                tensor,
                file));
        }

        return file;
    }

    private void ParseMetadata()
    {
        bool seen = false;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            bool isTotal = Text() == "total_size";
            _json.Read();
            if (!isTotal)
            {
                _json.Skip();
                continue;
            }

            if (seen)
            {
                throw Duplicate("total_size");
            }

            seen = true;
            if (_json.TryGetPlainInteger(out ulong total) && total <= long.MaxValue)
            {
                _totalSize = (long)total;
            }
            else
            {
                _warnings.Add("metadata.total_size is not an integer.");
                _json.Skip();
            }
        }
    }

    private readonly void Expect(JsonTokenType type, string what)
    {
        if (_json.TokenType != type)
        {
            throw Error(
                SafeTensorErrorKind.InvalidIndex,
                $"{what} is not {(type == JsonTokenType.String ? "a string" : "an object")}",
                _path,
                _json.TokenStartIndex);
        }
    }

    private string Text()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Error(
                SafeTensorErrorKind.InvalidIndex,
                "A string has an escape that is half of a surrogate pair",
                _path,
                _json.TokenStartIndex,
                e);
        }
    }

    private readonly SafeTensorSetException Duplicate(string key) => Error(
        SafeTensorErrorKind.DuplicateKey,
        $"The key {Escape.Quote(key)} occurs twice, and readers differ in which one they take",
        _path,
        _json.TokenStartIndex);

    private readonly SafeTensorLimitException Limit(string what, string name, long actual, long allowed, long position) =>
        new(SafeTensorErrorKind.LimitExceeded, what, name, (ulong)actual, allowed, _path, position, tensorName: null);

    private static SafeTensorSetException Error(
        SafeTensorErrorKind kind, string problem, string? path, long? position, Exception? inner = null) =>
        new([new SafeTensorProblem(kind, problem)], Remedy, path, position, inner);
}
