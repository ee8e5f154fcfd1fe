namespace Importer.Training.Tests;

/// <summary>Tests that look at what is torch's alone, its generator, its threads and its count of tensors: one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchCollection
{
    public const string Name = "torch";
}
