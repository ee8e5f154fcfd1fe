using Importer.Loading;
using PyTorchCheckpoints;
using static TorchSharp.torch;

namespace Importer.Training.NanoGpt;

/// <summary>
/// Reads the state of torch's AdamW, which numbers parameters over its groups, into a trainer's, which names them. The numbers are
/// those of nanoGPT's groups: first what decays, then the rest, each in the model's order.
/// </summary>
internal sealed class OptimizerStateReader(PyTorchCheckpoint file, OptimizerState state, string path)
{
    private readonly List<string> _problems = [];

    /// <summary>Checks everything, then reads.</summary>
    public void Read(Trainer trainer)
    {
        var names = trainer.Optimizer.Names;
        var targets = trainer.OptimizerTensors.ToDictionary(item => item.Name, item => item.Tensor, StringComparer.Ordinal);
        var reads = new List<(PyTorchTensor Source, Tensor Target)>();
        var steps = new List<(double Value, Tensor Target)>();
        if (!state.Parameters.All(number => number < names.Count) || GroupSizes() is { } sizes && sizes != names.Count)
        {
            _problems.Add(FormattableString.Invariant($"its optimizer has another number of parameters than the model, which has {names.Count}"));
        }

        for (int i = 0; i < names.Count && _problems.Count == 0; i++)
        {
            if (!state.TryGetValue(i, "step", out var step))
            {
                continue; // never stepped: torch keeps no state, ours is zero
            }

            if (Scalars.Read(file, step) is { } count and >= 0 && count == Math.Floor(count))
            {
                steps.Add((count, targets[names[i] + ".step"]));
            }
            else
            {
                _problems.Add($"the step of {names[i]} is no number of steps");
            }

            foreach (string key in new[] { "exp_avg", "exp_avg_sq" })
            {
                Add(i, key, $"{names[i]}.{key}");
            }
        }

        if (_problems.Count > 0)
        {
            throw new NanoGptCheckpointException(path, _problems, "Resume it with the model and the block size of the run it is from.");
        }

        foreach (var (source, target) in reads)
        {
            Fill(source, target);
        }

        foreach (var (value, target) in steps)
        {
            target.fill_((long)value);
        }

        void Add(int number, string key, string name)
        {
            var target = targets[name];
            if (!state.TryGetTensor(number, key, out var tensor))
            {
                _problems.Add($"{name} is missing");
            }
            else if (tensor.DType != TorchDType.Float32 || target.dtype != ScalarType.Float32)
            {
                _problems.Add($"{name} is {tensor.DType}, and f32 is read");
            }
            else if (!trainer.TensorCheck().Fits(name, target.shape, tensor.Shape))
            {
                _problems.Add($"{name} is [{string.Join(", ", tensor.Shape)}] instead of [{string.Join(", ", target.shape)}]");
            }
            else
            {
                reads.Add((tensor, target));
            }
        }
    }

    private int? GroupSizes()
    {
        int count = 0;
        foreach (var group in state.ParamGroups)
        {
            if (!group.TryGetValue("params", out var parameters) || parameters is not SequenceValue list)
            {
                return null;
            }

            count += list.Count;
        }

        return count;
    }

    // The first rows of a larger table are its first bytes.
    private void Fill(PyTorchTensor source, Tensor target)
    {
        long bytes = target.numel() * sizeof(float);
        if (target.device_type == TorchSharp.DeviceType.CPU)
        {
            file.Read(source, ParameterMemory.Address(target), bytes);
            return;
        }

        using var host = empty(target.shape, dtype: target.dtype, device: CPU);
        file.Read(source, ParameterMemory.Address(host), bytes);
        using (no_grad())
        {
            target.copy_(host);
        }
    }
}
