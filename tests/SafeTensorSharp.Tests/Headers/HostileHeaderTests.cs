using System.Globalization;
using System.Text;

namespace SafeTensorSharp.Tests;

/// <summary>Headers of 100 MB: the largest that are read. Memory is asserted with room to spare, and time is not, as machines differ.</summary>
[Collection(nameof(HostileHeaderTests))]
public sealed class HostileHeaderTests
{
    private const int Largest = 100_000_000;
    private const long Memory = 1_000_000_000;

    /// <summary>Each fills 100 MB in the way that costs a reader most; the flag says whether it is valid.</summary>
    public static TheoryData<string, bool> Attacks => new()
    {
        { "a million smallest tensors", true },
        { "a million smallest tensors in reverse", true },
        { "more tensors than are allowed", false },
        { "as many dimensions as are allowed", true },
        { "metadata of one huge text", true },
        { "metadata of many entries", false },
        { "white space", true },
        { "one huge name", false },
        { "one huge string of escapes", true },
        { "deep nesting", false },
        { "no end", false },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Reads_or_refuses_100_MB_within_bounds_of_memory(string attack, bool valid)
    {
        byte[] file = Build(attack);
        Assert.InRange(file.Length, Largest / 2, Largest + 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        if (valid)
        {
            // Where there are tensors of one byte, the file is longer by those; their bytes are never looked at.
            long length = file.Length + (attack.StartsWith("a million", StringComparison.Ordinal) ? 1_000_000 : 0);
            SafeTensorHeader header = SafeTensorHeader.Parse(file, length);
            Assert.Equal(file.Length, header.DataOffset);
        }
        else
        {
            Assert.IsAssignableFrom<SafeTensorException>(Record.Exception(() => SafeTensorHeader.Parse(file, file.Length)));
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Memory);
    }

    [Fact]
    public void Reads_a_file_whose_header_is_as_large_as_allowed_and_refuses_one_byte_more()
    {
        using TempDirectory directory = new();
        byte[] file = Build("white space");
        Assert.Equal(Largest + 8, file.Length);
        Assert.Empty(SafeTensorHeader.Identify(directory.Write("largest.safetensors", file)).Tensors);

        // A sparse file that really is that long: nothing of it may be allocated or read.
        string path = directory.Write("larger.safetensors", BitConverter.GetBytes(Largest + 1L));
        using (FileStream stream = new(path, FileMode.Open))
        {
            stream.SetLength(Largest + 1L + 8);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        SafeTensorLimitException e = Assert.Throws<SafeTensorLimitException>(() => SafeTensorHeader.Identify(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal((ulong)Largest + 1, e.Actual);
    }

    private static byte[] Build(string attack) => attack switch
    {
        "a million smallest tensors" => Tensors(1_000_000, i => $"[{i},{i + 1}]", "[1]"),
        "a million smallest tensors in reverse" => Tensors(1_000_000, i => $"[{999_999 - i},{1_000_000 - i}]", "[1]"),
        "more tensors than are allowed" => Tensors(1_500_000, _ => "[0,0]", "[0]"),
        "as many dimensions as are allowed" => Tensors(510_000, _ => "[0,0]", "[0" + string.Concat(Enumerable.Repeat(",1", 63)) + "]"),
        "metadata of one huge text" => Fill("{\"__metadata__\":{\"k\":\""u8, "v"u8, "\"}}"u8),
        "metadata of many entries" => Entries("{\"__metadata__\":{", i => $"\"{i:x}\":\"\"", "}}"),
        "white space" => Fill("{}"u8, " "u8, default),
        "one huge name" => Fill("{\""u8, "n"u8, "\":{}}"u8),
        "one huge string of escapes" => Fill("{\"__metadata__\":{\"k\":\""u8, "\\u0001"u8, "\"}}"u8),
        "deep nesting" => Fill("{\"a\":"u8, "["u8, default),
        "no end" => Fill("{\"a"u8, "a"u8, default),
        _ => throw new ArgumentOutOfRangeException(nameof(attack)),
    };

    private static byte[] Fill(ReadOnlySpan<byte> start, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> end)
    {
        byte[] file = new byte[Largest + 8];
        int repeats = (Largest - start.Length - end.Length) / unit.Length;
        int used = start.Length + (repeats * unit.Length) + end.Length;
        BitConverter.TryWriteBytes(file, (long)used);
        start.CopyTo(file.AsSpan(8));
        Span<byte> middle = file.AsSpan(8 + start.Length, repeats * unit.Length);
        if (unit.Length == 1)
        {
            middle.Fill(unit[0]);
        }
        else
        {
            for (int i = 0; i < middle.Length; i += unit.Length)
            {
                unit.CopyTo(middle[i..]);
            }
        }

        end.CopyTo(file.AsSpan(8 + used - end.Length));
        return file[..(8 + used)];
    }

    private static byte[] Tensors(int count, Func<int, string> offsets, string shape)
    {
        StringBuilder header = new("{", Largest);
        for (int i = 0; i < count; i++)
        {
            header.Append(CultureInfo.InvariantCulture, $"\"{i:x}\":{{\"dtype\":\"U8\",\"shape\":{shape},\"data_offsets\":{offsets(i)}}},");
        }

        header[^1] = '}';
        header.Append(' ', Math.Max(0, Largest - header.Length));
        return RawFile.Build(header.ToString());
    }

    private static byte[] Entries(string start, Func<int, string> entry, string end)
    {
        StringBuilder header = new(start, Largest);
        for (int i = 0; header.Length < Largest - 100; i++)
        {
            header.Append(entry(i)).Append(',');
        }

        header.Length--;
        return RawFile.Build(header.Append(end).ToString());
    }
}
