using Importer.Loading;
using SafeTensorSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Importer.Training.Checkpoints;

/// <summary>Tensors of a run as safetensors, written from and read into the memory they live in.</summary>
internal static class TensorFile
{
    // As an import has it: a model of a checkpoint can be mapped.
    private const int Alignment = 64;
    private const long BlockBytes = 8 << 20;

    /// <summary>Writes tensors. Those on the CPU are read where they are; those on a device a block at a time.</summary>
    /// <param name="stream">Takes the bytes.</param>
    /// <param name="tensors">The tensors, which must not change meanwhile.</param>
    /// <param name="metadata">Texts for the header.</param>
    /// <param name="cancellationToken">Ends it within a block.</param>
    public static void Write(
        Stream stream, IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) =>
        SafeTensorWriter.WriteTo(stream, tensors.Select(Entry), metadata, new SafeTensorWriteOptions { DataAlignment = Alignment }, cancellationToken);

    /// <summary>The bytes of tensors.</summary>
    public static long ByteCount(IEnumerable<NamedTensor> tensors) =>
        tensors.Sum(item => DTypes.ByteCount(DTypeOf(item.Tensor), item.Tensor.numel()));

    /// <summary>Compares a file with the tensors it is to be read into.</summary>
    /// <exception cref="StateMismatchException">Names, shapes or dtypes differ; all of them are named.</exception>
    public static void Check(SafeTensorFile file, string what, IReadOnlyList<NamedTensor> targets, StateChecks checks)
    {
        checks.Verify(what, targets, file.Header.Tensors.Select(info => (info.Name, info.Shape)));
        checks.ThrowIfAny();
        string[] dtypes =
        [
            .. targets.Select(item => (item.Name, Wanted: DTypeOf(item.Tensor), Found: file.Header[item.Name].DType)).Where(item => item.Wanted != item.Found)
                .Select(item => $"{what}: {DisplayText.Escape(item.Name)} is {item.Found} instead of {item.Wanted}"),
        ];
        if (dtypes.Length > 0)
        {
            throw new StateMismatchException(dtypes);
        }
    }

    /// <summary>Reads tensors into memory that is there. A table of more rows than its target gives its first ones.</summary>
    public static void Read(SafeTensorFile file, IReadOnlyList<NamedTensor> targets, CancellationToken cancellationToken)
    {
        using var mode = no_grad();
        foreach (var (name, tensor) in targets)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (tensor.numel() == 0)
            {
                continue;
            }

            var info = file.Header[name];
            long bytes = DTypes.ByteCount(info.DType, tensor.numel());
            if (IsPlain(tensor))
            {
                file.Read(info, ParameterMemory.Address(tensor), bytes);
                continue;
            }

            using var host = empty(tensor.shape, dtype: tensor.dtype, device: CPU);
            file.Read(info, ParameterMemory.Address(host), bytes);
            tensor.copy_(host);
        }
    }

    /// <summary>Whether every element is a number.</summary>
    public static bool IsFinite(Tensor tensor)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        // Both extremes: a NaN is either, and an infinity one of them.
        return tensor.numel() == 0 || (double.IsFinite(tensor.max().to(ScalarType.Float64).item<double>()) && double.IsFinite(tensor.min().to(ScalarType.Float64).item<double>()));
    }

    private static SafeTensorEntry Entry(NamedTensor item)
    {
        var (name, tensor) = item;
        var dtype = DTypeOf(tensor);
        long bytes = DTypes.ByteCount(dtype, tensor.numel());
        return IsPlain(tensor) && bytes > 0
            ? SafeTensorEntry.FromPointer(name, dtype, tensor.shape, ParameterMemory.Address(tensor), bytes)
            : SafeTensorEntry.FromWriter(name, dtype, tensor.shape, stream => WriteBlocks(stream, tensor, bytes));
    }

    private static void WriteBlocks(Stream stream, Tensor tensor, long bytes)
    {
        using var mode = no_grad();
        using var flat = tensor.detach().reshape(-1);
        long size = Math.Max(1, bytes / Math.Max(1, tensor.numel())), block = BlockBytes / size;
        for (long start = 0; start < tensor.numel(); start += block)
        {
            using var scope = NewDisposeScope();
            stream.Write(flat.narrow(0, start, Math.Min(block, tensor.numel() - start)).cpu().contiguous().bytes);
        }
    }

    private static bool IsPlain(Tensor tensor) => tensor.device_type == DeviceType.CPU && tensor.is_contiguous();

    private static DType DTypeOf(Tensor tensor) => tensor.dtype == ScalarType.Int64 ? DType.I64 : TorchDTypes.FromTorch(tensor.dtype);
}
