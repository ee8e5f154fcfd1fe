using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp.Interop;

/// <summary>
/// An argument of an operator: whatever converts to it implicitly. The default value stands for None, which is also
/// what every null converts to. Dtypes and layouts travel as integers, a Scalar as the number that it holds.
/// </summary>
internal readonly struct Arg
{
    private readonly object? _object;
    private readonly long _bits;
    private readonly ValueTag _tag;

    private Arg(ValueTag tag, long bits, object? value = null)
    {
        _tag = tag;
        _bits = bits;
        _object = value;
    }

    public static implicit operator Arg(torch.Tensor? value) => value is null ? default : new(ValueTag.Tensor, 0, value);

    public static implicit operator Arg(long value) => new(ValueTag.Int, value);

    public static implicit operator Arg(long? value) => value is { } v ? v : default(Arg);

    public static implicit operator Arg(double value) => new(ValueTag.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Arg(double? value) => value is { } v ? v : default(Arg);

    public static implicit operator Arg(bool value) => new(ValueTag.Bool, value ? 1 : 0);

    public static implicit operator Arg(bool? value) => value is { } v ? v : default(Arg);

    public static implicit operator Arg(Scalar? value) => value is null ? default : value.ToArg();

    public static implicit operator Arg(torch.ScalarType value) => new(ValueTag.Int, (long)value);

    public static implicit operator Arg(torch.ScalarType? value) => value is { } v ? v : default(Arg);

    public static implicit operator Arg(torch.Device? value) => value is null ? default : new(ValueTag.Device, 0, value);

    public static implicit operator Arg(torch.Generator? value) => value is null ? default : new(ValueTag.Generator, 0, value);

    public static implicit operator Arg(string? value) => value is null ? default : new(ValueTag.String, 0, value);

    public static implicit operator Arg(long[]? value) => value is null ? default : new(ValueTag.IntList, 0, value);

    public static implicit operator Arg(ReadOnlySpan<long> value) => new(ValueTag.IntList, 0, value.ToArray());

    public static implicit operator Arg(double[]? value) => value is null ? default : new(ValueTag.DoubleList, 0, value);

    public static implicit operator Arg(torch.Tensor[]? value) => value is null ? default : new(ValueTag.TensorList, 0, value);

    /// <summary>A list whose elements may be null, as index takes it.</summary>
    public static Arg OptionalTensors(torch.Tensor?[] value) => new(ValueTag.OptionalTensorList, 0, value);

    /// <summary>How many 8-byte words of scratch memory <see cref="Write"/> needs.</summary>
    public int ScratchWords => _tag switch
    {
        < ValueTag.IntList => 0,
        ValueTag.IntList or ValueTag.DoubleList or ValueTag.TensorList or ValueTag.OptionalTensorList => ((Array)_object!).Length,
        ValueTag.String => (Encoding.UTF8.GetMaxByteCount(((string)_object!).Length) + 7) / 8,
        _ => 0,
    };

    /// <summary>Writes the argument as the native side reads it; lists are copied to <paramref name="scratch"/>.</summary>
    public unsafe void Write(NativeValue* target, long* scratch)
    {
        target->Tag = _tag;
        target->Count = 0;
        target->Bits = _bits;
        switch (_tag)
        {
            case ValueTag.Tensor:
                target->Bits = Unsafe.As<torch.Tensor>(_object!).Handle;
                break;
            case ValueTag.IntList or ValueTag.DoubleList:
                var numbers = Unsafe.As<Array>(_object!);
                Unsafe.CopyBlockUnaligned(ref *(byte*)scratch, ref MemoryMarshal.GetArrayDataReference(numbers), (uint)numbers.Length * 8);
                target->Count = numbers.Length;
                target->Bits = (nint)scratch;
                break;
            case ValueTag.TensorList or ValueTag.OptionalTensorList:
                var tensors = Unsafe.As<torch.Tensor?[]>(_object!);
                for (int i = 0; i < tensors.Length; i++)
                    scratch[i] = tensors[i] is { } t ? t.Handle : 0;
                target->Count = tensors.Length;
                target->Bits = (nint)scratch;
                break;
            case ValueTag.String:
                var text = Unsafe.As<string>(_object!);
                target->Count = Encoding.UTF8.GetBytes(text, new Span<byte>(scratch, Encoding.UTF8.GetMaxByteCount(text.Length)));
                target->Bits = (nint)scratch;
                break;
            case ValueTag.Device:
                var device = Unsafe.As<torch.Device>(_object!);
                target->Count = device.index;
                target->Bits = (long)device.type;
                break;
            case ValueTag.Generator:
                target->Bits = Unsafe.As<torch.Generator>(_object!).Handle;
                break;
        }
    }

    /// <summary>Keeps what the argument refers to reachable up to this point.</summary>
    public void KeepAlive() => GC.KeepAlive(_object);
}
