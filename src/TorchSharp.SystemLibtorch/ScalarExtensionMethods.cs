namespace TorchSharp;

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this sbyte value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this short value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this int value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this long value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this bool value) => new(value ? 1 : 0, torch.ScalarType.Bool);

    public static Scalar ToScalar(this Half value) => new((double)value);

    public static Scalar ToScalar(this BFloat16 value) => new((double)value);

    public static Scalar ToScalar(this float value) => new(value);

    public static Scalar ToScalar(this double value) => new(value);

    public static Scalar ToBFloat16Scalar(this float value) => ((BFloat16)value).ToScalar();

    public static byte ToByte(this Scalar value) => checked((byte)value.AsInt64);

    public static sbyte ToSByte(this Scalar value) => checked((sbyte)value.AsInt64);

    public static short ToInt16(this Scalar value) => checked((short)value.AsInt64);

    public static int ToInt32(this Scalar value) => checked((int)value.AsInt64);

    public static long ToInt64(this Scalar value) => value.AsInt64;

    public static bool ToBoolean(this Scalar value) => value.AsDouble != 0;

    public static Half ToHalf(this Scalar value) => (Half)value.AsDouble;

    public static BFloat16 ToBFloat16(this Scalar value) => (BFloat16)value.AsDouble;

    public static float ToSingle(this Scalar value) => (float)value.AsDouble;

    public static double ToDouble(this Scalar value) => value.AsDouble;
}
