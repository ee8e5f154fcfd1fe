using Importer.Loading;
using Importer.Training.Optimization;
using PyTorchCheckpoints;
using static TorchSharp.torch;

namespace Importer.Training.NanoGpt;

/// <summary>A trainer's optimizer as the state dict that nanoGPT's <c>optimizer.load_state_dict</c> takes.</summary>
public static class NanoGptOptimizerState
{
    /// <summary>
    /// The state dict of torch's AdamW: parameters numbered over nanoGPT's two groups, settings of train.py, f32 tensors.
    /// </summary>
    /// <param name="trainer">The trainer, between two updates.</param>
    /// <returns>
    /// The dictionary. Its tensors on the CPU are not copied: they are read when it is written, which must be before the next
    /// update and before the trainer is disposed.
    /// </returns>
    public static DictionaryValue ToStateDict(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        return ToStateDict(
            trainer.OptimizerTensors, trainer.Optimizer.Names, trainer.Optimizer.WeightDecayOf, trainer.Options,
            trainer.Schedule.At(Math.Max(0, trainer.CurrentStep - 1)));
    }

    /// <inheritdoc cref="ToStateDict(Trainer)"/>
    /// <param name="tensors">The state by name, as <see cref="AdamW.Tensors"/> has it or as a checkpoint does.</param>
    /// <param name="names">The parameters in nanoGPT's order: those that decay, then the others.</param>
    /// <param name="weightDecay">The decay of a parameter.</param>
    /// <param name="options">The betas.</param>
    /// <param name="learningRate">The last learning rate.</param>
    public static DictionaryValue ToStateDict(
        IEnumerable<NamedTensor> tensors, IReadOnlyList<string> names, Func<string, double> weightDecay, TrainingOptions options, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(weightDecay);
        ArgumentNullException.ThrowIfNull(options);
        var byName = tensors.ToDictionary(item => item.Name, item => item.Tensor, StringComparer.Ordinal);
        var state = new DictionaryValue();
        for (int i = 0; i < names.Count; i++)
        {
            if (byName[names[i] + ".step"].item<long>() is var step && step > 0)
            {
                state.Add((long)i, new DictionaryValue
                {
                    { "step", PyTorchTensor.FromBytes(TorchDType.Float32, [], BitConverter.GetBytes((float)step)) },
                    { "exp_avg", Tensor(byName[names[i] + ".exp_avg"]) },
                    { "exp_avg_sq", Tensor(byName[names[i] + ".exp_avg_sq"]) },
                });
            }
        }

        // Two groups, of which the first may be all there is; where the decay is 0, shapes still tell them apart.
        int decayed = names.TakeWhile(name => byName[name + ".exp_avg"].dim() >= 2).Count();
        return new DictionaryValue
        {
            { "state", state },
            { "param_groups", SequenceValue.List(Group(0, decayed), Group(decayed, names.Count)) },
        };

        DictionaryValue Group(int first, int end) => new()
        {
            { "weight_decay", end > first ? weightDecay(names[first]) : 0.0 },
            { "lr", learningRate },
            { "betas", SequenceValue.Tuple(options.Beta1, options.Beta2) },
            { "eps", 1e-8 },
            { "amsgrad", false },
            { "foreach", CheckpointValue.None },
            { "maximize", false },
            { "capturable", false },
            { "params", SequenceValue.List(Enumerable.Range(first, end - first).Select(i => (CheckpointValue)(long)i)) },
        };
    }

    private static unsafe PyTorchTensor Tensor(Tensor tensor)
    {
        long bytes = tensor.numel() * sizeof(float);
        if (tensor.device_type == TorchSharp.DeviceType.CPU)
        {
            return PyTorchTensor.FromPointer(TorchDType.Float32, tensor.shape, ParameterMemory.Address(tensor), bytes);
        }

        return PyTorchTensor.FromWriter(TorchDType.Float32, tensor.shape, stream =>
        {
            using var host = tensor.cpu();
            host.WriteBytesToStream(stream, 1 << 20);
        });
    }
}
