namespace Importer.Inspection;

/// <summary>Tensors that have something in common, summed up. Bytes that two tensors share are counted once.</summary>
/// <param name="Name">What they have in common: a dtype such as <c>F32</c>, or a layer such as <c>h.0</c>.</param>
/// <param name="Tensors">How many there are.</param>
/// <param name="Elements">Their elements.</param>
/// <param name="Bytes">Their bytes in the checkpoint.</param>
public sealed record TensorGroup(string Name, int Tensors, long Elements, long Bytes);
