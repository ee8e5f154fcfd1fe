namespace Importer.Mapping;

/// <summary>A plan in figures. Bytes that two keys share are counted once.</summary>
/// <param name="Tensors">Tensors that are filled.</param>
/// <param name="Parameters">Their elements: the model's parameters as a model card counts them, what is tied counted once.</param>
/// <param name="BytesToRead">Bytes of the tensors that fill them.</param>
/// <param name="BytesToVerify">Bytes of the further copies that must be read only to verify that ties hold.</param>
/// <param name="BytesToSkip">Bytes of the tensors that are dropped and never read.</param>
/// <param name="BytesToWrite">Bytes of the parameters: their memory, or their size in an imported file.</param>
/// <param name="LargestTensor">Bytes of the largest parameter.</param>
/// <param name="LargestStaged">
/// Bytes of the largest source tensor that cannot be read straight into its parameter, because it is transposed or converted:
/// what a loader needs beside the parameters if it reads such a tensor in one piece. 0 where every tensor is read verbatim.
/// </param>
public sealed record PlanTotals(
    int Tensors, long Parameters, long BytesToRead, long BytesToVerify, long BytesToSkip, long BytesToWrite, long LargestTensor,
    long LargestStaged);
