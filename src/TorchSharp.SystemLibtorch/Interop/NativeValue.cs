using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>One tagged argument or result of an operator; mirrors Value in operators.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    public ValueTag Tag;
    public int Count;
    public long Bits;

    public readonly double Double => BitConverter.Int64BitsToDouble(Bits);
}
