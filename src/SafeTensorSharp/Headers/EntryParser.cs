using System.Text;
using System.Text.Json;
using SharedSource.Text;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>One tensor's entry: <c>{"dtype":…,"shape":[…],"data_offsets":[…,…]}</c> (R11 to R17).</summary>
internal struct EntryParser(SafeTensorReadOptions options, HeaderErrors errors)
{
    private const int MaxWarnings = 100;

    private readonly SafeTensorReadOptions _options = options;
    private readonly HeaderErrors _errors = errors;
    private readonly List<long> _dimensions = [];
    private string _name = "";
    private DType _dtype;
    private ulong _begin;
    private ulong _end;
    private Field _seen;
    private long _shapePosition;
    private long _offsetsPosition;

    [Flags]
    private enum Field
    {
        None = 0,
        DType = 1,
        Shape = 2,
        Offsets = 4,
        All = 7,
    }

    /// <summary>Parses the value that <paramref name="json"/> stands on.</summary>
    public SafeTensorInfo Parse(ref Utf8JsonReader json, string name, long dataOffset)
    {
        _name = name;
        _seen = Field.None;
        long position = json.TokenStartIndex;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw Error(SafeTensorErrorKind.WrongType, position, "The tensor's entry is not an object");
        }

        HashSet<string>? unknown = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            ParseField(ref json, ref unknown);
        }

        if (_seen != Field.All)
        {
            throw Error(SafeTensorErrorKind.MissingField, position, $"The tensor's entry has no {Missing()}");
        }

        long byteCount = ByteCount();
        if (_begin > _end)
        {
            throw Error(
                SafeTensorErrorKind.InvalidOffset, _offsetsPosition,
                Invariant($"data_offsets [{_begin}, {_end}] end before they begin"));
        }

        if (_end - _begin != (ulong)byteCount)
        {
            throw Error(
                SafeTensorErrorKind.TensorInvalidInfo, _offsetsPosition,
                Invariant($"data_offsets [{_begin}, {_end}] hold {_end - _begin} bytes, and {Describe()} takes {byteCount}"));
        }

        long[] shape = _dimensions.Count == 0 ? [] : _dimensions.ToArray();
        return new SafeTensorInfo(name, _dtype, shape, (long)_begin, (long)_end, dataOffset, (int)_offsetsPosition);
    }

    private void ParseField(ref Utf8JsonReader json, ref HashSet<string>? unknown)
    {
        long position = json.TokenStartIndex;
        string? text = json.ValueIsEscaped ? json.Text(_errors, _name) : null;
        Field field = Identify(text is null ? json.ValueSpan : Encoding.UTF8.GetBytes(text));
        if (field == Field.None)
        {
            text ??= json.Text(_errors, _name);
            if (!(unknown ??= new HashSet<string>(StringComparer.Ordinal)).Add(text))
            {
                throw _errors.DuplicateKey(position, text, _name);
            }

            SkipUnknown(ref json, position, text);
            return;
        }

        if ((_seen & field) != 0)
        {
            throw _errors.DuplicateKey(position, Describe(field), _name);
        }

        _seen |= field;
        json.Read();
        switch (field)
        {
            case Field.DType:
                ParseDType(ref json);
                break;
            case Field.Shape:
                ParseShape(ref json);
                break;
            default:
                ParseOffsets(ref json);
                break;
        }
    }

    private readonly void SkipUnknown(ref Utf8JsonReader json, long position, string field)
    {
        if (!_options.Compat)
        {
            throw _errors.LaxAt(
                SafeTensorErrorKind.UnknownField, position,
                $"The tensor's entry has a field {Escape.Quote(field)}, which the format does not define", _name);
        }

        if (_errors.Warnings.Count < MaxWarnings)
        {
            _errors.Warnings.Add($"Tensor {Escape.Quote(_name)} has a field {Escape.Quote(field)}, which is ignored.");
        }

        json.Skip();
    }

    private void ParseDType(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String)
        {
            throw Error(SafeTensorErrorKind.WrongType, json.TokenStartIndex, "dtype is not a string");
        }

        string? text = json.ValueIsEscaped ? json.Text(_errors, _name) : null;
        if (!(text is null ? DTypes.TryParse(json.ValueSpan, out _dtype) : DTypes.TryParse(text, out _dtype)))
        {
            text ??= json.Text(_errors, _name);
            throw Error(
                SafeTensorErrorKind.UnknownDType, json.TokenStartIndex,
                $"dtype {Escape.Quote(text)} is none of {string.Join(", ", DTypes.All.Select(DTypes.Name))}");
        }
    }

    private void ParseShape(ref Utf8JsonReader json)
    {
        _shapePosition = json.TokenStartIndex;
        _dimensions.Clear();
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw Error(SafeTensorErrorKind.InvalidShape, _shapePosition, "shape is not an array");
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (!json.TryGetPlainInteger(out ulong dimension))
            {
                throw Error(
                    SafeTensorErrorKind.InvalidShape, json.TokenStartIndex,
                    "shape holds something else than an integer from 0 in plain digits");
            }

            if (dimension > long.MaxValue)
            {
                throw Error(
                    SafeTensorErrorKind.ValidationOverflow, json.TokenStartIndex,
                    Invariant($"The dimension {dimension} is over 2^63-1"));
            }

            if (_dimensions.Count >= _options.Limits.MaxRank)
            {
                throw _errors.Limit(
                    "The number of dimensions", nameof(SafeTensorLimits.MaxRank), _dimensions.Count + 1L, _options.Limits.MaxRank,
                    _shapePosition, _name);
            }

            _dimensions.Add((long)dimension);
        }
    }

    private void ParseOffsets(ref Utf8JsonReader json)
    {
        const string problem = "data_offsets are not an array of two integers from 0 in plain digits";
        _offsetsPosition = json.TokenStartIndex;
        if (json.TokenType != JsonTokenType.StartArray
            || !json.Read() || !json.TryGetPlainInteger(out _begin)
            || !json.Read() || !json.TryGetPlainInteger(out _end)
            || !json.Read() || json.TokenType != JsonTokenType.EndArray)
        {
            throw Error(SafeTensorErrorKind.InvalidOffset, _offsetsPosition, problem);
        }
    }

    // A dimension of 0 makes the product 0 in whatever order the dimensions stand; the reference lets the order decide.
    private readonly long ByteCount()
    {
        long elements = 1;
        foreach (long dimension in _dimensions)
        {
            if (dimension == 0)
            {
                return 0;
            }
        }

        foreach (long dimension in _dimensions)
        {
            UInt128 product = (UInt128)(ulong)elements * (ulong)dimension;
            if (product > (UInt128)long.MaxValue)
            {
                throw Error(SafeTensorErrorKind.ValidationOverflow, _shapePosition, $"{Describe()} has over 2^63-1 elements");
            }

            elements = (long)product;
        }

        UInt128 bits = (UInt128)(ulong)elements * (uint)DTypes.BitSize(_dtype);
        if ((bits & 7) != 0)
        {
            throw Error(SafeTensorErrorKind.MisalignedSlice, _shapePosition, $"{Describe()} does not fill whole bytes");
        }

        return bits >> 3 <= (UInt128)long.MaxValue
            ? (long)(bits >> 3)
            : throw Error(SafeTensorErrorKind.ValidationOverflow, _shapePosition, $"{Describe()} takes over 2^63-1 bytes");
    }

    private static Field Identify(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("dtype"u8) ? Field.DType
        : name.SequenceEqual("shape"u8) ? Field.Shape
        : name.SequenceEqual("data_offsets"u8) ? Field.Offsets
        : Field.None;

    private static string Describe(Field field) => field switch
    {
        Field.DType => "dtype",
        Field.Shape => "shape",
        _ => "data_offsets",
    };

    private readonly string Missing()
    {
        Field seen = _seen;
        return string.Join(", ", new[] { Field.DType, Field.Shape, Field.Offsets }.Where(f => (seen & f) == 0).Select(Describe));
    }

    private readonly string Describe() => Invariant($"{DTypes.Name(_dtype)} [{string.Join(", ", _dimensions)}]");

    private readonly SafeTensorFormatException Error(SafeTensorErrorKind kind, long position, string problem) =>
        _errors.At(kind, position, problem, _name);
}
