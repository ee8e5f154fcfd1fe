using static TorchSharp.torch;

namespace Importer.Training;

/// <summary>
/// A tensor of a run's state under the name that a checkpoint has it by. It is the live one, not a copy: it changes with the next
/// update, and writing to it changes the run.
/// </summary>
/// <param name="Name">The name, such as <c>transformer.wte.weight</c> or <c>transformer.wte.weight.exp_avg</c>.</param>
/// <param name="Tensor">The tensor. It belongs to the run.</param>
public readonly record struct NamedTensor(string Name, Tensor Tensor);
