using System.Buffers.Binary;

namespace SafeTensorSharp;

/// <summary>
/// Recognises what people have in place of a safetensors file. Asked only when a rule is already broken: a valid file may begin with
/// any of these bytes.
/// </summary>
internal static class FormatSniffer
{
    /// <summary>How many of a file's first bytes are looked at.</summary>
    public const int PrefixBytes = 64;

    private const string FetchAgain =
        "Download the file again; check the address, the revision and, for a gated repository, the access token.";

    private const string Convert = "Read it as a PyTorch checkpoint, or convert it to safetensors first.";

    public static NotSafeTensorsException? Recognise(ReadOnlySpan<byte> start, long fileLength, SafeTensorLimits limits, string? path)
    {
        (DetectedFormat Format, string Problem, string Remedy)? found = Find(start, fileLength, limits);
        return found is { } f ? new NotSafeTensorsException(f.Format, f.Problem, f.Remedy, path) : null;
    }

    private static (DetectedFormat Format, string Problem, string Remedy)? Find(
        ReadOnlySpan<byte> start, long fileLength, SafeTensorLimits limits)
    {
        if (start.Length < SafeTensorHeader.LengthBytes)
        {
            return null;
        }

        // A plausible length, and an object after it: damaged, but safetensors.
        bool small = BinaryPrimitives.ReadUInt64LittleEndian(start) <= uint.MaxValue;
        if (small && start.Length > 8 && start[8] == (byte)'{')
        {
            return null;
        }

        if (start.StartsWith("PK\x03\x04"u8) || start.StartsWith("PK\x05\x06"u8))
        {
            return (DetectedFormat.Zip, "This is a zip archive, as torch.save writes it", Convert);
        }

        // Protocol 2 to 5, then FRAME, LONG1, EMPTY_DICT, MARK or GLOBAL.
        if (start[0] == 0x80 && start[1] is >= 2 and <= 5 && start[2] is 0x95 or 0x8A or (byte)'}' or (byte)'(' or (byte)'c')
        {
            return (DetectedFormat.Pickle, "This is a Python pickle, as torch.save wrote it before PyTorch 1.6", Convert);
        }

        if (fileLength > start.Length && !start.ContainsAnyExcept((byte)0))
        {
            return (DetectedFormat.Zeros, "The file begins with zeros, as an unfinished download leaves it", FetchAgain);
        }

        // The signatures below are too short to tell them from a small length.
        if (small)
        {
            return null;
        }

        ReadOnlySpan<byte> text = TrimTextStart(start);
        if (start.StartsWith("version "u8))
        {
            return (DetectedFormat.GitLfsPointer, "This is a Git LFS pointer, a text that stands for the real file",
                "Run \"git lfs pull\" in the repository, or download the file itself.");
        }

        if (text.StartsWith("<"u8))
        {
            return (DetectedFormat.Html, "This is an HTML or XML page, probably an error page that was saved as the file", FetchAgain);
        }

        if (start.StartsWith("GGUF"u8))
        {
            return (DetectedFormat.Gguf, "This is a GGUF file, the format of llama.cpp", "Get the model in safetensors format.");
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return (DetectedFormat.Gzip, "This is a gzip archive", "Unpack it with gunzip first.");
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']))
        {
            return (DetectedFormat.Hdf5, "This is an HDF5 file, the format of Keras", "Get the model in safetensors format.");
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']))
        {
            return (DetectedFormat.Numpy, "This is a NumPy array file", "Get the model in safetensors format.");
        }

        if (text.StartsWith("{"u8))
        {
            return (DetectedFormat.Json, "This is a JSON text without the 8 bytes of length that come first in a safetensors file",
                "If it is the index of a sharded set (model.safetensors.index.json), open it as a set.");
        }

        return IsBigEndian(start, fileLength, limits)
            ? (DetectedFormat.BigEndianLength, "The header's length is stored in big-endian order, the format's is little-endian",
                "Tell the author of the program that wrote the file; reversing its first 8 bytes repairs it.")
            : null;
    }

    private static bool IsBigEndian(ReadOnlySpan<byte> start, long fileLength, SafeTensorLimits limits)
    {
        if (start.Length < 9)
        {
            return false;
        }

        ulong length = BinaryPrimitives.ReadUInt64BigEndian(start);
        return start[8] == (byte)'{' && length >= 2 && length <= (ulong)limits.MaxHeaderBytes && (long)length + 8 <= fileLength;
    }

    private static ReadOnlySpan<byte> TrimTextStart(ReadOnlySpan<byte> start) =>
        (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? start[3..] : start).TrimStart(" \t\r\n"u8);
}
