namespace PyTorchCheckpoints;

/// <summary>
/// The element types that a checkpoint's tensors can have, by PyTorch's own names (<c>torch.float32</c> is <see cref="Float32"/>).
/// </summary>
public enum TorchDType
{
    /// <summary>IEEE single precision; <c>torch.FloatStorage</c>.</summary>
    Float32,

    /// <summary>IEEE double precision; <c>torch.DoubleStorage</c>.</summary>
    Float64,

    /// <summary>IEEE half precision; <c>torch.HalfStorage</c>.</summary>
    Float16,

    /// <summary>Brain float, 8 exponent and 7 mantissa bits; <c>torch.BFloat16Storage</c>.</summary>
    BFloat16,

    /// <summary>Unsigned 8-bit integer; <c>torch.ByteStorage</c>.</summary>
    UInt8,

    /// <summary>Signed 8-bit integer; <c>torch.CharStorage</c>.</summary>
    Int8,

    /// <summary>Signed 16-bit integer; <c>torch.ShortStorage</c>.</summary>
    Int16,

    /// <summary>Signed 32-bit integer; <c>torch.IntStorage</c>.</summary>
    Int32,

    /// <summary>Signed 64-bit integer; <c>torch.LongStorage</c>.</summary>
    Int64,

    /// <summary>Boolean, one byte, 0 or 1; <c>torch.BoolStorage</c>.</summary>
    Bool,

    /// <summary>Complex number of two single-precision floats; <c>torch.ComplexFloatStorage</c>.</summary>
    Complex64,

    /// <summary>Complex number of two double-precision floats; <c>torch.ComplexDoubleStorage</c>.</summary>
    Complex128,

    /// <summary>
    /// Unsigned 16-bit integer; has no storage class of its own, so it is kept in <c>UntypedStorage</c>, as all that follow.
    /// </summary>
    UInt16,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits, no infinities; <c>torch.float8_e4m3fn</c>.</summary>
    Float8E4M3Fn,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits; <c>torch.float8_e5m2</c>.</summary>
    Float8E5M2,

    /// <summary>As <see cref="Float8E4M3Fn"/> without negative zero; <c>torch.float8_e4m3fnuz</c>.</summary>
    Float8E4M3Fnuz,

    /// <summary>As <see cref="Float8E5M2"/> without infinities and negative zero; <c>torch.float8_e5m2fnuz</c>.</summary>
    Float8E5M2Fnuz,
}
