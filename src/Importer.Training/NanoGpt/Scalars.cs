using System.Buffers.Binary;
using PyTorchCheckpoints;

namespace Importer.Training.NanoGpt;

/// <summary>Numbers of a checkpoint, which are Python's or tensors of one element.</summary>
internal static class Scalars
{
    /// <summary>The number; null for anything else.</summary>
    public static double? Read(PyTorchCheckpoint file, CheckpointValue value) => value switch
    {
        FloatValue number => number.Value,
        IntegerValue number => (double)number.Value,
        PyTorchTensor { ElementCount: 1, DType: TorchDType.Float32 } tensor => BinaryPrimitives.ReadSingleLittleEndian(file.ReadBytes(tensor)),
        PyTorchTensor { ElementCount: 1, DType: TorchDType.Float64 } tensor => BinaryPrimitives.ReadDoubleLittleEndian(file.ReadBytes(tensor)),
        PyTorchTensor { ElementCount: 1, DType: TorchDType.Int64 } tensor => BinaryPrimitives.ReadInt64LittleEndian(file.ReadBytes(tensor)),
        _ => null,
    };
}
