using System.Buffers.Binary;

namespace PyTorchCheckpoints;

/// <summary>Numbers of the zip format (PKWARE APPNOTE.TXT 6.3.10).</summary>
internal static class ZipFormat
{
    public const uint LocalHeader = 0x04034B50;
    public const uint DirectoryEntry = 0x02014B50;
    public const uint DirectoryEnd = 0x06054B50;
    public const uint Directory64End = 0x06064B50;
    public const uint Directory64Locator = 0x07064B50;
    public const uint DataDescriptor = 0x08074B50;

    public const int LocalHeaderBytes = 30;
    public const int DirectoryEntryBytes = 46;
    public const int DirectoryEndBytes = 22;
    public const int Directory64EndBytes = 56;
    public const int Directory64LocatorBytes = 20;

    /// <summary>The extra field that holds numbers of 64 bits.</summary>
    public const ushort Zip64Extra = 0x0001;

    /// <summary>The extra field with which torch moves a record's bytes to a multiple of 64: <c>FB</c>.</summary>
    public const ushort PaddingExtra = 0x4246;

    public const ushort Encrypted = 1 << 0;
    public const ushort HasDescriptor = 1 << 3;
    public const ushort Utf8Name = 1 << 11;

    /// <summary>Stands for a number that is in the 64-bit field.</summary>
    public const uint In64 = uint.MaxValue;

    /// <summary>Finds an extra field.</summary>
    /// <returns>False when the fields are malformed or there is none.</returns>
    public static bool TryFindExtra(ReadOnlySpan<byte> extra, ushort id, out ReadOnlySpan<byte> content)
    {
        while (extra.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == id)
            {
                content = extra.Slice(4, length);
                return true;
            }

            extra = extra[(4 + length)..];
        }

        content = default;
        return false;
    }
}
