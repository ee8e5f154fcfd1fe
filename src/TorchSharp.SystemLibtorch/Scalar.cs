using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>
/// A number given to an operator: integer, floating point or truth value. Unlike in TorchSharp it has no native half,
/// so that disposing it is allowed and does nothing.
/// </summary>
public sealed class Scalar : IDisposable
{
    private readonly long _bits;

    internal Scalar(long value, torch.ScalarType type)
    {
        _bits = value;
        Type = type;
    }

    internal Scalar(double value)
    {
        _bits = BitConverter.DoubleToInt64Bits(value);
        Type = torch.ScalarType.Float64;
    }

    internal Scalar(in NativeValue value)
    {
        _bits = value.Bits;
        Type = value.Tag switch
        {
            ValueTag.Int => torch.ScalarType.Int64,
            ValueTag.Bool => torch.ScalarType.Bool,
            _ => torch.ScalarType.Float64,
        };
    }

    /// <summary>Int64, Float64 or Bool: what kind of number this is, not how wide it was.</summary>
    public torch.ScalarType Type { get; }

    internal double AsDouble => Type == torch.ScalarType.Float64 ? BitConverter.Int64BitsToDouble(_bits) : _bits;

    internal long AsInt64 => Type == torch.ScalarType.Float64 ? ToInteger(BitConverter.Int64BitsToDouble(_bits)) : _bits;

    public static implicit operator Scalar(byte value) => value.ToScalar();

    public static implicit operator Scalar(sbyte value) => value.ToScalar();

    public static implicit operator Scalar(short value) => value.ToScalar();

    public static implicit operator Scalar(int value) => value.ToScalar();

    public static implicit operator Scalar(long value) => value.ToScalar();

    public static implicit operator Scalar(Half value) => value.ToScalar();

    public static implicit operator Scalar(BFloat16 value) => value.ToScalar();

    public static implicit operator Scalar(float value) => value.ToScalar();

    public static implicit operator Scalar(double value) => value.ToScalar();

    public static implicit operator Scalar(bool value) => value.ToScalar();

    public void Dispose()
    {
    }

    internal Arg ToArg() => Type switch
    {
        torch.ScalarType.Float64 => BitConverter.Int64BitsToDouble(_bits),
        torch.ScalarType.Bool => _bits != 0,
        _ => _bits,
    };

    private static long ToInteger(double value) => checked((long)value);
}
