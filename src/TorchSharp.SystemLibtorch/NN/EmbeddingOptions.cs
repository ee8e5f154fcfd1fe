namespace TorchSharp.Modules;

/// <summary>What an embedding does beside looking rows up.</summary>
internal sealed record EmbeddingOptions(long? PaddingIndex, double? MaxNorm, double NormType, bool ScaleGradByFrequency, bool Sparse);
