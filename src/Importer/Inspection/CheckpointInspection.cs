using System.Text.Json;
using Importer.Mapping;

namespace Importer.Inspection;

/// <summary>A checkpoint looked at: what is in it, and what an import would make of it.</summary>
public sealed partial record CheckpointInspection
{
    /// <summary>The directory, the file that was named in one, or the id on the hub.</summary>
    public required string Source { get; init; }

    /// <summary>The commit on the hub; null for a model that was named by its path.</summary>
    public string? Commit { get; init; }

    /// <summary>The container: <c>safetensors</c> or <c>pytorch</c>.</summary>
    public required string Container { get; init; }

    /// <summary>The files of the weights, index included.</summary>
    public required IReadOnlyList<InspectedFile> Files { get; init; }

    /// <summary>Bytes of the headers that were read; no tensor data among them.</summary>
    public required long HeaderBytes { get; init; }

    /// <summary>What the container says about itself.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The configuration; null where there is none.</summary>
    public JsonElement? Config { get; init; }

    /// <summary>The file that the configuration is from; null where there is none.</summary>
    public string? ConfigSource { get; init; }

    /// <summary>The class that computes the model, such as <c>GptModel</c>; null where none does.</summary>
    public string? ModelClass { get; init; }

    /// <summary>The mapping that was chosen; null where none was found.</summary>
    public WeightMapping? Mapping { get; init; }

    /// <summary>What an import would do; null where the weights do not fit.</summary>
    public LoadPlan? Plan { get; init; }

    /// <summary>Every tensor, in the order of files and of offsets within them.</summary>
    public required IReadOnlyList<InspectedTensor> Tensors { get; init; }

    /// <summary>The tensors by dtype, the largest group first.</summary>
    public required IReadOnlyList<TensorGroup> DTypes { get; init; }

    /// <summary>The tensors by layer, in natural order: h.2 before h.10.</summary>
    public required IReadOnlyList<TensorGroup> Layers { get; init; }

    /// <summary>
    /// The model's parameters, what is tied counted once; where no plan could be made, the elements of all tensors.
    /// </summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of all tensors; those that two tensors share are counted once.</summary>
    public required long Bytes { get; init; }

    /// <summary>Why the checkpoint cannot be loaded, a line each; empty where it can.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Whether every tensor's data could be read; always so where statistics were not asked for.</summary>
    public bool IsReadable => Tensors.All(tensor => tensor.Problem is null);

    /// <summary>What a person should know although it can be loaded, a sentence each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}
