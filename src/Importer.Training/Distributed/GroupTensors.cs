using Importer.Training.Optimization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Training.Distributed;

/// <summary>Tensors through a group: in place where they are plain memory, over a copy in the processor's memory elsewhere, one at a time.</summary>
internal static class GroupTensors
{
    // A span is shorter than 2 GiB, and a tensor may be longer.
    private const int Piece = 1 << 30;

    /// <summary>Gives rank 0's elements to all.</summary>
    public static void Broadcast(ProcessGroup group, Tensor tensor)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        bool inPlace = tensor.device_type == TorchSharp.DeviceType.CPU && tensor.is_contiguous();
        var host = inPlace ? tensor : tensor.detach().to(CPU).contiguous();
        long size = host.numel() * host.ElementSize;
        for (long done = 0; done < size; done += Piece)
        {
            group.Broadcast(Bytes(host, done, (int)Math.Min(Piece, size - done)));
        }

        if (!inPlace && !group.IsFirst)
        {
            tensor.copy_(host);
        }
    }

    /// <summary>Sums gradients over the ranks; where a rank has none it counts as zero.</summary>
    public static void SumGradients(ProcessGroup group, IReadOnlyList<Parameter> parameters)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var plain = new List<(nint, long)>();
        foreach (var parameter in parameters)
        {
            var gradient = parameter.grad;
            // Which way a gradient goes depends on its parameter alone, so that it is the same in every rank.
            if (gradient is null || !gradient.is_contiguous())
            {
                parameter.grad = gradient is null ? zeros_like(parameter) : gradient.contiguous();
                gradient = parameter.grad!;
            }

            if (CpuMemory.IsPlain(gradient))
            {
                plain.Add((CpuMemory.Address(gradient), gradient.numel()));
                continue;
            }

            using var inner = NewDisposeScope();
            var host = gradient.to(gradient.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32).to(CPU).contiguous();
            if (host.dtype == ScalarType.Float64)
            {
                group.AllReduce<double>([(CpuMemory.Address(host), host.numel())]);
            }
            else
            {
                group.AllReduce<float>([(CpuMemory.Address(host), host.numel())]);
            }

            gradient.copy_(host);
        }

        group.AllReduce<float>(plain);
    }

    private static unsafe Span<byte> Bytes(Tensor tensor, long start, int length) => new((void*)(CpuMemory.Address(tensor) + (nint)start), length);
}
