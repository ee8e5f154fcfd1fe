namespace PyTorchCheckpoints;

/// <summary>A storage whose bytes a program makes while they are written.</summary>
internal sealed class WrittenStorage(TorchDType dtype, long elementCount, Action<Stream> write) : TensorStorage("", dtype, elementCount)
{
    internal override void WriteTo(Stream stream, int swapSize) => write(stream);
}
