namespace SafeTensorSharp;

/// <summary>
/// The element types that a safetensors file can hold, in the format's own order of increasing alignment
/// (safetensors, <c>src/tensor.rs</c>, enum <c>Dtype</c>).
/// </summary>
public enum DType
{
    /// <summary>Boolean, one byte, 0 or 1; <c>BOOL</c>.</summary>
    Bool,

    /// <summary>4-bit float (E2M1), two per byte; <c>F4</c>.</summary>
    F4,

    /// <summary>6-bit float (E2M3), four in three bytes; <c>F6_E2M3</c>.</summary>
    F6E2M3,

    /// <summary>6-bit float (E3M2), four in three bytes; <c>F6_E3M2</c>.</summary>
    F6E3M2,

    /// <summary>Unsigned 8-bit integer; <c>U8</c>.</summary>
    U8,

    /// <summary>Signed 8-bit integer; <c>I8</c>.</summary>
    I8,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits; <c>F8_E5M2</c>.</summary>
    F8E5M2,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits, no infinities; <c>F8_E4M3</c>.</summary>
    F8E4M3,

    /// <summary>As <see cref="F8E5M2"/> without infinities and negative zero; <c>F8_E5M2FNUZ</c>.</summary>
    F8E5M2Fnuz,

    /// <summary>As <see cref="F8E4M3"/> without negative zero; <c>F8_E4M3FNUZ</c>.</summary>
    F8E4M3Fnuz,

    /// <summary>8-bit power of two (exponent only); <c>F8_E8M0</c>.</summary>
    F8E8M0,

    /// <summary>Signed 16-bit integer; <c>I16</c>.</summary>
    I16,

    /// <summary>Unsigned 16-bit integer; <c>U16</c>.</summary>
    U16,

    /// <summary>IEEE half precision; <c>F16</c>.</summary>
    F16,

    /// <summary>Brain float, 8 exponent and 7 mantissa bits; <c>BF16</c>.</summary>
    BF16,

    /// <summary>Signed 32-bit integer; <c>I32</c>.</summary>
    I32,

    /// <summary>Unsigned 32-bit integer; <c>U32</c>.</summary>
    U32,

    /// <summary>IEEE single precision; <c>F32</c>.</summary>
    F32,

    /// <summary>Complex number of two single-precision floats; <c>C64</c>.</summary>
    C64,

    /// <summary>IEEE double precision; <c>F64</c>.</summary>
    F64,

    /// <summary>Signed 64-bit integer; <c>I64</c>.</summary>
    I64,

    /// <summary>Unsigned 64-bit integer; <c>U64</c>.</summary>
    U64,
}
