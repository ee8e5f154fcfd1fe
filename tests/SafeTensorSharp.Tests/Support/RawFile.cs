using System.Buffers.Binary;
using System.Text;

namespace SafeTensorSharp.Tests;

/// <summary>Makes files byte by byte, without the library's own writer, so that they can be wrong in any way.</summary>
internal static class RawFile
{
    /// <summary>Length, header, data; the length is the header's own unless another is given.</summary>
    public static byte[] Build(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data = default, ulong? length = null)
    {
        byte[] file = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length ?? (ulong)header.Length);
        header.CopyTo(file.AsSpan(8));
        data.CopyTo(file.AsSpan(8 + header.Length));
        return file;
    }

    public static byte[] Build(string header, int dataBytes = 0, ulong? length = null) =>
        Build(Encoding.UTF8.GetBytes(header), Data(dataBytes), length);

    /// <summary>Data in which every byte tells its place.</summary>
    public static byte[] Data(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)((i * 7) + 1))];

    /// <summary>An entry as the reference writes it.</summary>
    public static string Entry(string name, string dtype, string shape, long begin, long end) =>
        $"\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}";
}
