using System.Runtime.InteropServices;

namespace SafeTensorSharp;

/// <summary>
/// The 8-bit and 4-bit floats, each by a table of all its values, which single precision holds exactly. E4M3 and E5M2: Micikevicius et
/// al., arXiv 2209.05433; the FNUZ variants: Noune et al., arXiv 2206.02915, as torch defines them; E8M0 and E2M1: OCP Microscaling
/// Formats 1.0, sections 5.4.1 and 5.3.3.
/// </summary>
internal static class SmallFloats
{
    private static readonly float[] E4M3 = Decode(exponentBits: 4, bias: 7, code => (code & 0x7F) == 0x7F ? float.NaN : null);
    private static readonly float[] E5M2 = Decode(5, bias: 15, code => (code & 0x7F) switch
    {
        < 0x7C => null,
        0x7C => code < 0x80 ? float.PositiveInfinity : float.NegativeInfinity,
        _ => float.NaN,
    });

    private static readonly float[] E4M3Fnuz = Decode(4, bias: 8, code => code == 0x80 ? float.NaN : null);
    private static readonly float[] E5M2Fnuz = Decode(5, bias: 16, code => code == 0x80 ? float.NaN : null);
    private static readonly float[] E8M0 =
        [.. Enumerable.Range(0, 256).Select(code => code == 255 ? float.NaN : (float)Math.ScaleB(1.0, code - 127))];

    private static readonly float[] E2M1 = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0f, -0.5f, -1, -1.5f, -2, -3, -4, -6];

    public static bool Has(DType dtype) => dtype == DType.F4 || Table(dtype) is not null;

    public static void ToSingle(ReadOnlySpan<byte> source, DType from, Span<byte> destination)
    {
        Span<float> values = MemoryMarshal.Cast<byte, float>(destination);
        if (from == DType.F4)
        {
            for (int i = 0; i < source.Length; i++)
            {
                values[2 * i] = E2M1[source[i] & 15];
                values[(2 * i) + 1] = E2M1[source[i] >> 4];
            }

            return;
        }

        float[] table = Table(from)!;
        for (int i = 0; i < source.Length; i++)
        {
            values[i] = table[source[i]];
        }
    }

    private static float[]? Table(DType dtype) => dtype switch
    {
        DType.F8E4M3 => E4M3,
        DType.F8E5M2 => E5M2,
        DType.F8E4M3Fnuz => E4M3Fnuz,
        DType.F8E5M2Fnuz => E5M2Fnuz,
        DType.F8E8M0 => E8M0,
        _ => null,
    };

    // Sign, exponent, mantissa; the lowest exponent is that of the subnormals.
    private static float[] Decode(int exponentBits, int bias, Func<int, float?> special)
    {
        int mantissaBits = 7 - exponentBits;
        float[] table = new float[256];
        for (int code = 0; code < 256; code++)
        {
            int exponent = (code & 0x7F) >> mantissaBits;
            double fraction = (code & ((1 << mantissaBits) - 1)) / (double)(1 << mantissaBits);
            double magnitude = exponent == 0 ? Math.ScaleB(fraction, 1 - bias) : Math.ScaleB(1 + fraction, exponent - bias);
            table[code] = special(code) ?? (float)(code < 0x80 ? magnitude : -magnitude);
        }

        return table;
    }
}
