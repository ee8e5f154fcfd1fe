using System.Buffers.Binary;

namespace PyTorchCheckpoints;

/// <summary>The number in a tensor of one element.</summary>
internal static class TensorScalar
{
    /// <summary>The number of little-endian bytes of a dtype; null for a dtype that has none of Python's.</summary>
    public static CheckpointValue? Decode(TorchDType dtype, ReadOnlySpan<byte> bytes) => dtype switch
    {
        TorchDType.Float32 => new FloatValue(BinaryPrimitives.ReadSingleLittleEndian(bytes)),
        TorchDType.Float64 => new FloatValue(BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
        TorchDType.Float16 => new FloatValue((double)BinaryPrimitives.ReadHalfLittleEndian(bytes)),
        TorchDType.BFloat16 => new FloatValue(BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16)),
        TorchDType.UInt8 => IntegerValue.Of(bytes[0]),
        TorchDType.Int8 => IntegerValue.Of((sbyte)bytes[0]),
        TorchDType.Int16 => IntegerValue.Of(BinaryPrimitives.ReadInt16LittleEndian(bytes)),
        TorchDType.Int32 => IntegerValue.Of(BinaryPrimitives.ReadInt32LittleEndian(bytes)),
        TorchDType.Int64 => IntegerValue.Of(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
        TorchDType.UInt16 => IntegerValue.Of(BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
        TorchDType.UInt32 => IntegerValue.Of(BinaryPrimitives.ReadUInt32LittleEndian(bytes)),
        TorchDType.UInt64 => IntegerValue.Of(BinaryPrimitives.ReadUInt64LittleEndian(bytes)),
        TorchDType.Bool => BooleanValue.Of(bytes[0] != 0),
        _ => null,
    };
}
