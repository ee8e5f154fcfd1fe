using System.Runtime.InteropServices;
using Importer.Loading;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Training.Optimization;

/// <summary>One parameter's part of the optimizer. The parameter belongs to the model, the state to this.</summary>
internal sealed class AdamWState : IDisposable
{
    private readonly nint _parameter, _mean, _square;

    public AdamWState(string name, Parameter parameter, double weightDecay)
    {
        Name = name;
        Parameter = parameter;
        WeightDecay = weightDecay;
        var dtype = parameter.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        Mean = Zeros(parameter, dtype);
        Square = Zeros(parameter, dtype);
        Steps = zeros([], dtype: ScalarType.Int64, device: CPU).DetachFromDisposeScope();
        IsPlain = CpuMemory.IsPlain(parameter);
        if (IsPlain)
        {
            (_parameter, _mean, _square) = (CpuMemory.Address(parameter), CpuMemory.Address(Mean), CpuMemory.Address(Square));
        }
    }

    public string Name { get; }

    public Parameter Parameter { get; }

    public double WeightDecay { get; }

    /// <summary>The mean of gradients, exp_avg.</summary>
    public Tensor Mean { get; }

    /// <summary>The mean of squared gradients, exp_avg_sq.</summary>
    public Tensor Square { get; }

    /// <summary>Updates so far, I64 [].</summary>
    public Tensor Steps { get; }

    /// <summary>Whether parameter and state are plain memory.</summary>
    public bool IsPlain { get; }

    public IEnumerable<NamedTensor> Tensors => [new($"{Name}.exp_avg", Mean), new($"{Name}.exp_avg_sq", Square), new($"{Name}.step", Steps)];

    /// <summary>Counts an update and returns its number, from 1.</summary>
    public long Advance() => ++MemoryMarshal.Cast<byte, long>(Steps.bytes)[0];

    public AdamWTask Task(nint gradient, AdamWFactors factors) => new(_parameter, gradient, _mean, _square, Mean.numel(), factors);

    public void Dispose()
    {
        Mean.Dispose();
        Square.Dispose();
        Steps.Dispose();
    }

    private static Tensor Zeros(Tensor parameter, ScalarType dtype)
    {
        using var mode = no_grad();
        var memory = empty(parameter.shape, dtype: dtype, device: parameter.device).DetachFromDisposeScope();
        if (CpuMemory.IsPlain(memory) && memory.numel() > 0)
        {
            // Before the first touch: the pass over the moments is bound by memory, and large pages are what it walks fastest.
            HugePages.Advise(CpuMemory.Address(memory), memory.numel() * sizeof(float));
        }

        return memory.zero_();
    }
}
