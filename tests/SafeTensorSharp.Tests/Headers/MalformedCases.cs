using System.Text;
using static SafeTensorSharp.Tests.MalformedCase;
using Kind = SafeTensorSharp.SafeTensorErrorKind;

namespace SafeTensorSharp.Tests;

/// <summary>
/// Every way to be wrong that the study of the format lists, by its number there (1 to 47), and some more. Case 8 and 9 need files of
/// 100 MB and case 47 a file that changes; they have tests of their own.
/// </summary>
internal static class MalformedCases
{
    private const string Good = """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";

    public static IReadOnlyDictionary<string, MalformedCase> All { get; } = Build();

    private static Dictionary<string, MalformedCase> Build()
    {
        Dictionary<string, MalformedCase> cases = [];
        AddLengths(cases);
        AddForeignFormats(cases);
        AddTexts(cases);
        AddEntries(cases);
        AddArithmetic(cases);
        AddLayouts(cases);
        return cases;
    }

    private static void AddLengths(Dictionary<string, MalformedCase> cases)
    {
        int n = Good.Length;
        cases["01 no bytes"] = new([], Kind.HeaderTooSmall, 0);
        cases["02 seven bytes"] = new(new byte[7], Kind.HeaderTooSmall, 0);
        cases["03 N = 0"] = new(RawFile.Build(""), Kind.HeaderNotObject, 8);
        cases["04 N = 1"] = new(RawFile.Build("{"), Kind.InvalidHeaderDeserialization, 9);
        cases["05 N = file + 1"] = new(RawFile.Build(Good, 4, length: (ulong)n + 4 + 8 + 1), Kind.InvalidHeaderLength, 0);
        cases["05 N = rest + 1"] = new(RawFile.Build(Good, 4, length: (ulong)n + 4 + 1), Kind.InvalidHeaderLength, 0);
        cases["06 N = 2^63"] = TooLarge(1UL << 63);
        cases["07 N = 2^64-1"] = TooLarge(ulong.MaxValue);
        cases["07 N = 2^64-8"] = TooLarge(ulong.MaxValue - 7);
        cases["08 N = 100,000,001"] = TooLarge(100_000_001);
        cases["11 N too small by one"] = new(RawFile.Build(Good, 4, length: (ulong)n - 1), Kind.InvalidHeaderDeserialization, 8 + n - 1);
        cases["12 N too large by one, a zero"] =
            new(RawFile.Build(Encoding.UTF8.GetBytes(Good), [0, 0, 0, 0], (ulong)n + 1), Kind.InvalidHeaderDeserialization, 8 + n);
        cases["12 N too large by one, no text"] =
            new(RawFile.Build(Encoding.UTF8.GetBytes(Good), [0xFF, 0, 0, 0], (ulong)n + 1), Kind.InvalidHeader, 8 + n);
        cases["12 N too large by one, a space"] =
            new(RawFile.Build(Encoding.UTF8.GetBytes(Good), [0x20, 0, 0, 0], (ulong)n + 1), Kind.MetadataIncompleteBuffer, 8 + n + 1 + 3, "a");
    }

    private static void AddForeignFormats(Dictionary<string, MalformedCase> cases)
    {
        byte[] bigEndian = RawFile.Build(Good, 4);
        Array.Reverse(bigEndian, 0, 8);
        cases["10 N big-endian"] = Foreign(bigEndian, DetectedFormat.BigEndianLength);
        cases["13 Git LFS pointer"] = Foreign(
            "version https://git-lfs.github.com/spec/v1\noid sha256:248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707\nsize 548105171\n"u8,
            DetectedFormat.GitLfsPointer);
        cases["14 HTML"] = Foreign("<!DOCTYPE html>\n<html><body>404</body></html>"u8, DetectedFormat.Html);
        cases["14 HTML after blank lines"] = Foreign("\r\n\r\n  <html><body>Sign in</body></html>"u8, DetectedFormat.Html);
        cases["14 XML"] = Foreign("\uFEFF<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"u8, DetectedFormat.Html);
        cases["15 zip of torch.save"] = Foreign("PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0archive/data.pkl"u8, DetectedFormat.Zip);
        cases["15 zip that N does not give away"] = Foreign("PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0archive/data.pkl"u8, DetectedFormat.Zip);
        cases["15 empty zip"] = Foreign("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"u8, DetectedFormat.Zip);
        cases["15 legacy torch.save"] = Foreign(
            [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.'], DetectedFormat.Pickle);
        cases["15 pickle of protocol 4"] = Foreign([0x80, 0x04, 0x95, 0x10, 0, 0, 0, 0, 0, 0, 0, (byte)'}', 0x94, (byte)'.'], DetectedFormat.Pickle);
        cases["GGUF"] = Foreign("GGUF\x03\0\0\0\x02\0\0\0\0\0\0\0"u8, DetectedFormat.Gguf);
        cases["gzip"] = Foreign([0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 0, 3, 1], DetectedFormat.Gzip);
        cases["HDF5"] = Foreign([0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10, 0], DetectedFormat.Hdf5);
        cases["NumPy"] = Foreign([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, 0x76], DetectedFormat.Numpy);
        cases["index.json"] = Foreign("{\n  \"metadata\": {\n    \"total_size\": 1\n  }\n}\n"u8, DetectedFormat.Json);
        cases["zeros"] = Foreign(new byte[200], DetectedFormat.Zeros);
    }

    private static void AddTexts(Dictionary<string, MalformedCase> cases)
    {
        const Kind json = Kind.InvalidHeaderDeserialization;
        cases["16 byte order mark"] = Header("^\uFEFF" + Good, Kind.HeaderNotObject, dataBytes: 4);
        cases["17 invalid UTF-8 in a name"] = new(RawFile.Build([.. "{\"a"u8, 0xC3, 0x28, .. "\":{}}"u8]), Kind.InvalidHeader, 8 + 3);
        cases["17 invalid UTF-8 late in a long header"] =
            new(RawFile.Build([.. "{\""u8, .. Enumerable.Repeat((byte)'n', 5000), 0xE2, 0x82, .. "\":{}}"u8]), Kind.InvalidHeader, 8 + 2 + 5000);
        cases["17 surrogate in UTF-8"] = new(RawFile.Build([.. "{\""u8, 0xED, 0xA0, 0x80, .. "\":{}}"u8]), Kind.InvalidHeader, 8 + 2);
        cases["18 lone surrogate in a name"] = Header("""{^"a\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", Kind.InvalidHeader, dataBytes: 4);
        cases["18 lone surrogate in metadata"] = Header("""{"__metadata__":{"k":^"\udc00"}}""", Kind.InvalidHeader);
        cases["18 lone surrogate in a field's name"] =
            Header("""{"a":{^"\ud800":1,"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", Kind.InvalidHeader, "a", 4);
        cases["18 lone surrogate in a dtype"] = Entry("""{"dtype":^"\ud800","shape":[1],"data_offsets":[0,4]}""", Kind.InvalidHeader);
        cases["19 array"] = Header("^[]", Kind.HeaderNotObject);
        cases["19 null"] = Header("^null", Kind.HeaderNotObject);
        cases["19 string"] = Header("^\"x\"", Kind.HeaderNotObject);
        cases["19 number"] = Header("^1", Kind.HeaderNotObject);
        cases["20 two objects"] = Header("{}^{}", json);
        cases["20 a comma after the object"] = Header("{}^,", json);
        cases["21 comment"] = Header("""{^/* */}""", json);
        cases["21 comment at the end"] = Header("""{} ^// end""", json);
        cases["21 trailing comma"] = Header("""{"__metadata__":{"a":"b",^}}""", json);
        cases["21 single quotes"] = Header("""{^'a':1}""", json);
        cases["21 NaN"] = Header("""{"a":{"dtype":"F32","shape":[^NaN],"data_offsets":[0,4]}}""", json, dataBytes: 4);
        cases["21 control character in a string"] = Header("{\n\"a^\u0001\":{}}", json);
        cases["21 key without value"] = Header("""{"a"^}""", json);
        cases["22 NUL padding"] = Header("{}^\0\0", json);
        cases["22 form feed padding"] = Header("{}^\f", json);
        cases["23 leading spaces"] = Header("^  " + Good, Kind.HeaderNotObject, dataBytes: 4) with { CompatKind = null };
        cases["23 leading line feed"] = Header("^\n" + Good, Kind.HeaderNotObject, dataBytes: 4) with { CompatKind = null };
        cases["23 nothing but spaces"] = new(RawFile.Build("    "), Kind.HeaderNotObject, 8);
        cases["24 deep nesting"] = Entry(
            "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],^\"x\":" + new string('[', 10_000) + new string(']', 10_000) + "}", Kind.UnknownField)
            with
        { CompatKind = json };
        cases["24 deep nesting in a shape"] = Entry("{\"dtype\":\"F32\",\"shape\":[^" + new string('[', 10_000) + new string(']', 10_000) + "]}", Kind.InvalidShape);
        cases["24 deep nesting in place of an entry"] = Entry("^" + new string('[', 10_000), Kind.WrongType);
        cases["25 duplicate name, same range"] = Header(
            """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},^"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", Kind.DuplicateKey, "a", 1);
        cases["26 duplicate name by an escape"] = Header(
            """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},^"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", Kind.DuplicateKey, "a", 2);
        cases["27 duplicate dtype"] = Entry("""{"dtype":"F32",^"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", Kind.DuplicateKey);
        cases["27 duplicate shape by an escape"] = Entry("""{"dtype":"F32","shape":[1],^"sh\u0061pe":[1],"data_offsets":[0,4]}""", Kind.DuplicateKey);
        cases["28 duplicate __metadata__"] = Header("""{"__metadata__":{},^"__metadata__":{}}""", Kind.DuplicateKey);
        cases["28 duplicate key in __metadata__"] = Header("""{"__metadata__":{"k":"1",^"k":"1"}}""", Kind.DuplicateKey);
        cases["29 metadata value a number"] = Header("""{"__metadata__":{"k":^1}}""", Kind.InvalidMetadata);
        cases["29 metadata value an object"] = Header("""{"__metadata__":{"k":^{"n":"m"}}}""", Kind.InvalidMetadata);
        cases["29 metadata value null"] = Header("""{"__metadata__":{"k":^null}}""", Kind.InvalidMetadata);
        cases["29 metadata an array"] = Header("""{"__metadata__":^["k"]}""", Kind.InvalidMetadata);
        cases["29 metadata null"] = Header("""{"__metadata__":^null}""", Kind.InvalidMetadata) with { CompatKind = null };
        cases["30 a tensor named __metadata__"] = Header(
            """{"__metadata__":{"dtype":"F32","shape":^[1],"data_offsets":[0,4]}}""", Kind.InvalidMetadata, dataBytes: 4);
    }

    private static void AddEntries(Dictionary<string, MalformedCase> cases)
    {
        cases["31 no dtype"] = Entry("""^{"shape":[1],"data_offsets":[0,4]}""", Kind.MissingField);
        cases["31 no shape"] = Entry("""^{"dtype":"F32","data_offsets":[0,4]}""", Kind.MissingField);
        cases["31 no data_offsets"] = Entry("""^{"dtype":"F32","shape":[1]}""", Kind.MissingField);
        cases["31 nothing"] = Entry("^{}", Kind.MissingField);
        cases["31 a field in upper case"] = Entry("""{^"Dtype":"F32","shape":[1],"data_offsets":[0,4]}""", Kind.UnknownField) with { CompatKind = Kind.MissingField };
        cases["an unknown field"] = Entry("""{"dtype":"F32","shape":[1],"data_offsets":[0,4],^"strides":[1]}""", Kind.UnknownField) with { CompatKind = null };
        cases["an unknown field twice"] =
            Entry("""{"dtype":"F32","shape":[1],"data_offsets":[0,4],^"x":1,"x":2}""", Kind.UnknownField) with { CompatKind = Kind.DuplicateKey };
        cases["32 entry an array"] = Entry("""^["F32",[1],[0,4]]""", Kind.WrongType);
        cases["32 entry null"] = Entry("^null", Kind.WrongType);
        cases["32 entry a string"] = Entry("^\"F32\"", Kind.WrongType);
        foreach (string dtype in new[] { "f32", "F128", "", "F32 ", "float32", "F8_E4M3FN", "F3\\u0033" })
        {
            cases[$"33 dtype '{dtype}'"] = Entry($$"""{"dtype":^"{{dtype}}","shape":[1],"data_offsets":[0,4]}""", Kind.UnknownDType);
        }

        cases["33 dtype a number"] = Entry("""{"dtype":^32,"shape":[1],"data_offsets":[0,4]}""", Kind.WrongType);
        cases["33 dtype null"] = Entry("""{"dtype":^null,"shape":[1],"data_offsets":[0,4]}""", Kind.WrongType);
        foreach (string shape in new[] { "[^1.0]", "[^1e2]", "[^1E0]", "[^-1]", "[^-0]", "[^\"1\"]", "^4", "[^[2]]", "[^null]", "[1,^true]", "^{}", "^null", "^\"1\"" })
        {
            cases[$"34 shape {shape}"] = Entry($$"""{"dtype":"F32","shape":{{shape}},"data_offsets":[0,4]}""", Kind.InvalidShape);
        }

        cases["35 shape 2^64"] = Entry("""{"dtype":"F32","shape":[^18446744073709551616],"data_offsets":[0,4]}""", Kind.InvalidShape);
        cases["35 shape 10^40"] = Entry($$"""{"dtype":"F32","shape":[^1{{new string('0', 40)}}],"data_offsets":[0,4]}""", Kind.InvalidShape);
        string[] offsets =
        [
            "[0]", "[0,4,8]", "[]", "[-1,4]", "[0,-4]", "[0.0,4]", "[0,4e0]", "[\"0\",4]", "[null,4]", "4", "null", "{}", "[[0,4]]", "[0,18446744073709551616]",
        ];
        foreach (string pair in offsets)
        {
            cases[$"36 38 data_offsets {pair}"] = Entry($$"""{"dtype":"F32","shape":[1],"data_offsets":^{{pair}}}""", Kind.InvalidOffset);
        }

        cases["37 begin > end"] = Entry("""{"dtype":"F32","shape":[1],"data_offsets":^[4,0]}""", Kind.InvalidOffset);
        cases["37 begin > end, wrapping to the right size"] =
            Entry("""{"dtype":"F32","shape":[1],"data_offsets":^[18446744073709551612,0]}""", Kind.InvalidOffset);
    }

    private static void AddArithmetic(Dictionary<string, MalformedCase> cases)
    {
        const Kind overflow = Kind.ValidationOverflow;
        cases["39 [2, 2^64-2]"] = Entry("""{"dtype":"F32","shape":[2,^18446744073709551614],"data_offsets":[0,4]}""", overflow);
        cases["39 a dimension of 2^63"] = Entry("""{"dtype":"F32","shape":[^9223372036854775808],"data_offsets":[0,4]}""", overflow);
        cases["40 elements fit, bytes do not"] = Entry("""{"dtype":"F32","shape":^[4611686018427387904],"data_offsets":[0,4]}""", overflow);
        cases["40 [2, 2^63-1]"] = Entry("""{"dtype":"U8","shape":^[2,9223372036854775807],"data_offsets":[0,4]}""", overflow);
        cases["41 product wraps to 0, offsets far away"] =
            Entry("""{"dtype":"F32","shape":^[4294967296,4294967296],"data_offsets":[1099511627776,1099511627776]}""", overflow);
        cases["41 bytes wrap to 0"] = Entry("""{"dtype":"F32","shape":^[4611686018427387904],"data_offsets":[0,0]}""", overflow);
        cases["42 a zero and 2^63"] = Entry("""{"dtype":"F32","shape":[0,^9223372036854775808],"data_offsets":[0,0]}""", overflow);
        cases["42 2^63 and a zero"] = Entry("""{"dtype":"F32","shape":[^9223372036854775808,0],"data_offsets":[0,0]}""", overflow);
        cases["43 F4, odd"] = Entry("""{"dtype":"F4","shape":^[3],"data_offsets":[0,1]}""", Kind.MisalignedSlice);
        cases["43 F6, not a multiple of four"] = Entry("""{"dtype":"F6_E2M3","shape":^[2,3],"data_offsets":[0,4]}""", Kind.MisalignedSlice);
        cases["44 a byte too few"] = Entry("""{"dtype":"F32","shape":[1],"data_offsets":^[0,3]}""", Kind.TensorInvalidInfo);
        cases["44 a byte too many"] = Entry("""{"dtype":"F32","shape":[1],"data_offsets":^[0,5]}""", Kind.TensorInvalidInfo);
        cases["44 bytes for an empty tensor"] = Entry("""{"dtype":"F32","shape":[0],"data_offsets":^[0,4]}""", Kind.TensorInvalidInfo);
        cases["44 the largest offsets"] =
            Entry("""{"dtype":"U8","shape":[1],"data_offsets":^[0,18446744073709551615]}""", Kind.TensorInvalidInfo);
    }

    private static void AddLayouts(Dictionary<string, MalformedCase> cases)
    {
        const Kind offset = Kind.InvalidOffset;
        cases["45 hole at the start"] = Header("""{"a":{"dtype":"U8","shape":[2],"data_offsets":^[1,3]}}""", offset, "a", 3);
        cases["45 begins beyond 2^63"] =
            Header("""{"a":{"dtype":"U8","shape":[2],"data_offsets":^[18446744073709551613,18446744073709551615]}}""", offset, "a", 2);
        cases["45 hole in the middle"] = Header(
            """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":^[3,5]}}""", offset, "b", 5);
        cases["45 overlap"] = Header(
            """{"b":{"dtype":"U8","shape":[3],"data_offsets":^[1,4]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", offset, "b", 4);
        cases["45 empty tensor within another"] = Header(
            """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"e":{"dtype":"U8","shape":[0],"data_offsets":^[1,1]}}""", offset, "e", 2);
        cases["45 empty tensor beyond the end"] = Header(
            """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"e":{"dtype":"U8","shape":[0],"data_offsets":^[3,3]}}""", offset, "e", 2);
        string many = string.Join(",", Enumerable.Range(0, 100_000).Select(i => RawFile.Entry($"t{i}", "U8", "[1]", 0, 1)));
        string marked = many.Insert(many.IndexOf("[0,1]", many.IndexOf("\"t1\"", StringComparison.Ordinal), StringComparison.Ordinal), "^");
        cases["45 100,000 tensors over one byte"] = Header("{" + marked + "}", offset, "t1", 1);
        byte[] good = RawFile.Build(Good, 4);
        cases["46 one byte more"] = new([.. good, 0], Kind.MetadataIncompleteBuffer, good.Length);
        cases["46 one byte less"] = new(good[..^1], Kind.MetadataIncompleteBuffer, good.Length - 1, "a");
        cases["46 appended zip"] = new([.. good, .. "PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"u8], Kind.MetadataIncompleteBuffer, good.Length);
        cases["46 bytes and no tensors"] = new(RawFile.Build("{}", 5), Kind.MetadataIncompleteBuffer, 10);
    }

    private static MalformedCase TooLarge(ulong length) =>
        new(RawFile.Build(Good, 4, length), Kind.HeaderTooLarge, 0) { ExceptionType = typeof(SafeTensorLimitException) };

    private static MalformedCase Foreign(ReadOnlySpan<byte> bytes, DetectedFormat format) =>
        new(bytes.ToArray(), Kind.NotSafeTensors, 0) { ExceptionType = typeof(NotSafeTensorsException), Detected = format };
}
