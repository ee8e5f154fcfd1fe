using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace SafeTensorSharp.Tests;

/// <summary>
/// Damaged files. The oracle: whatever the bytes, the outcome is a <see cref="SafeTensorException"/> where the independent validator finds
/// the file invalid, and otherwise the tensors that it finds, with the bytes that stand at their offsets.
/// </summary>
public sealed class FuzzTests
{
    private static readonly byte[][] Seeds =
    [
        RawFile.Build(
            "{\"__metadata__\":{\"format\":\"pt\"}," + RawFile.Entry("w", "F32", "[2,3]", 0, 24) + "," + RawFile.Entry("b", "BF16", "[3]", 24, 30)
            + "," + RawFile.Entry("e", "I64", "[0]", 30, 30) + "," + RawFile.Entry("s", "U8", "[]", 30, 31) + "}  ", 31),
        RawFile.Build("{" + RawFile.Entry("\\u00e9\\n", "F4", "[2]", 1, 2) + "," + RawFile.Entry("é", "F8_E4M3", "[1,1]", 0, 1) + "}", 2),
        RawFile.Build("{}"),
    ];

    public static TheoryData<int> SeedNumbers => [0, 1, 2];

    [Theory]
    [MemberData(nameof(SeedNumbers))]
    public void Every_flip_of_one_bit_and_every_other_byte_gives_a_typed_error_or_what_the_bytes_say(int seed)
    {
        byte[] bytes = Seeds[seed];
        byte[] replacements = [0x00, 0x20, 0x22, 0x2C, 0x30, 0x39, 0x5B, 0x5D, 0x7B, 0x7D, 0x80, 0xC3, 0xFF];
        for (int i = 0; i < bytes.Length; i++)
        {
            byte original = bytes[i];
            foreach (int value in Enumerable.Range(0, 8).Select(bit => original ^ (1 << bit)).Concat(replacements.Select(b => (int)b)))
            {
                byte[] damaged = [.. bytes];
                damaged[i] = (byte)value;
                Check(damaged);
            }
        }
    }

    [Theory]
    [MemberData(nameof(SeedNumbers))]
    public void A_flip_in_the_data_changes_one_byte_of_one_tensor_and_nothing_else(int seed)
    {
        byte[] bytes = Seeds[seed];
        SafeTensorHeader header = SafeTensorHeader.Parse(bytes, bytes.Length);
        for (long i = header.DataOffset; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x10;
            using SafeTensorFile before = new FakeSource(bytes).Open();
            using SafeTensorFile after = new FakeSource(damaged).Open();
            Assert.Equal(before.Header.Tensors.Select(t => t.ToString()), after.Header.Tensors.Select(t => t.ToString()));
            Assert.Equal(1, header.Tensors.Sum(t => before.ReadBytes(t.Name).Zip(after.ReadBytes(t.Name)).Count(pair => pair.First != pair.Second)));
        }
    }

    [Theory]
    [MemberData(nameof(SeedNumbers))]
    public void Every_cut_and_every_byte_more_or_less_gives_a_typed_error_or_what_the_bytes_say(int seed)
    {
        byte[] bytes = Seeds[seed];
        for (int i = 0; i < bytes.Length; i++)
        {
            Check(bytes[..i]);
            Check([.. bytes[..i], .. bytes[(i + 1)..]]);
            Check([.. bytes[..i], bytes[i], .. bytes[i..]]);
            Check([.. bytes[..i], (byte)' ', .. bytes[i..]]);

            // The same within the header, with the length corrected, so that the text is reached.
            if (i > 8 && i < bytes.Length - 8)
            {
                byte[] shorter = [.. bytes[..i], .. bytes[(i + 1)..]];
                shorter[0]--;
                Check(shorter);
                byte[] longer = [.. bytes[..i], (byte)'\t', .. bytes[i..]];
                longer[0]++;
                Check(longer);
            }
        }
    }

    [Fact]
    public void Several_damages_at_once_give_a_typed_error_or_what_the_bytes_say()
    {
        Random random = new(20_261_120);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] damaged = [.. Seeds[round % 2]];
            for (int k = random.Next(1, 6); k > 0; k--)
            {
                // Mostly by a byte that occurs in headers, so that many results stay JSON.
                int at = random.Next(damaged.Length);
                damaged[at] = random.Next(3) == 0 ? (byte)random.Next(256) : damaged[random.Next(damaged.Length)];
            }

            Check(damaged);
        }
    }

    [Fact]
    public void Headers_made_of_odd_parts_give_a_typed_error_or_what_the_bytes_say()
    {
        int accepted = 0;
        Prop.ForAll(Arb.From(OddFiles()), file => accepted += Check(file) ? 1 : 0)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithReplay(1, 3));
        Assert.InRange(accepted, 100, 4900);
    }

    // Entries whose parts are mostly right and sometimes extreme, in a file whose length is mostly right.
    private static Gen<byte[]> OddFiles()
    {
        Gen<string> number = Gen.Frequency(
            (20, Gen.Choose(0, 6).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))),
            (1, Gen.Elements("4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "-1", "1.0", "01", "null", "[]")));
        Gen<string> shape = Gen.Choose(0, 3).SelectMany(rank => number.ArrayOf(rank)).Select(d => $"[{string.Join(",", d)}]");
        Gen<string> dtype = Gen.Frequency((20, Gen.Elements(DTypes.All.Select(DTypes.Name).ToArray())), (1, Gen.Elements("F31", "", "f32")));
        Gen<string> name = Gen.Elements("a", "b", "c", "d", "\\u0061", "__metadata__", "", "\\ud800");
        Gen<string[]> entry =
            from n in Gen.Frequency((8, Gen.Elements("a", "b", "c", "d", "e", "f")), (1, name))
            from d in dtype
            from s in shape
            from gap in Gen.Frequency((30, Gen.Constant(0)), (1, Gen.Choose(-2, 2)))
            from extra in Gen.Frequency((30, Gen.Constant("")), (1, Gen.Elements(",\"x\":1", ",\"dtype\":\"U8\"")))
            select (string[])[n, d, s, gap.ToString(System.Globalization.CultureInfo.InvariantCulture), extra];
        return
            from entries in Gen.Choose(0, 4).SelectMany(count => entry.ArrayOf(count))
            from reverse in Gen.Elements(false, true)
            from trailing in Gen.Frequency((20, Gen.Constant(0)), (1, Gen.Choose(-1, 1)))
            from padding in Gen.Elements("", " ", "\n\t  ")
            select Compose(entries, reverse, trailing, padding);
    }

    private static byte[] Compose(string[][] entries, bool reverse, int trailing, string padding)
    {
        long end = 0;
        List<string> parts = [];
        foreach (string[] e in entries)
        {
            long begin = end + int.Parse(e[3], System.Globalization.CultureInfo.InvariantCulture);
            end = begin + Size(e[1], e[2]);
            parts.Add($"\"{e[0]}\":{{\"dtype\":\"{e[1]}\",\"shape\":{e[2]},\"data_offsets\":[{begin},{end}]{e[4]}}}");
        }

        if (reverse)
        {
            parts.Reverse();
        }

        return RawFile.Build("{" + string.Join(",", parts) + "}" + padding, (int)Math.Clamp(end + trailing, 0, 100_000));
    }

    // The right size where there is one; anything else for what has none.
    private static long Size(string dtype, string shape)
    {
        try
        {
            long[] dimensions = System.Text.Json.JsonSerializer.Deserialize<long[]>(shape)!;
            return DTypes.TryParse(dtype, out DType type)
                ? DTypes.ByteCount(type, dimensions.Contains(0) ? 0 : dimensions.Aggregate(1L, (product, d) => checked(product * d)))
                : 4;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or OverflowException or ArgumentException)
        {
            return 4;
        }
    }

    private static bool Check(byte[] bytes)
    {
        Dictionary<string, string>? expected = IndependentValidator.Validate(bytes);
        try
        {
            using SafeTensorFile file = new FakeSource(bytes).Open(new SafeTensorReadOptions { Bools = BoolPolicy.Keep });
            Assert.True(expected is not null, "Accepted, and invalid: " + Show(bytes));
            Assert.Equal(
                expected.OrderBy(pair => pair.Key, StringComparer.Ordinal),
                file.Header.Tensors.ToDictionary(t => t.Name, t => $"{DTypes.Name(t.DType)} [{string.Join(", ", t.Shape)}] {t.Begin}-{t.End}")
                    .OrderBy(pair => pair.Key, StringComparer.Ordinal));
            Assert.All(file.Header.Tensors, t => Assert.Equal(
                bytes[(int)t.FileOffset..(int)(t.FileOffset + t.ByteCount)], file.ReadBytes(t.Name)));
            return true;
        }
        catch (SafeTensorException e)
        {
            Assert.True(expected is null, "Refused, and valid: " + Show(bytes) + "\n" + e.Message);
            Assert.InRange(e.Position ?? 0, 0, bytes.Length);
            Assert.DoesNotContain(e.Message, char.IsControl);
            return false;
        }
    }

    private static string Show(byte[] bytes) => Convert.ToHexString(bytes.AsSpan(0, Math.Min(8, bytes.Length))) + " " + Encoding.Latin1.GetString(bytes.AsSpan(Math.Min(8, bytes.Length)));
}
