using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Inspection.Statistics;

/// <summary>What measuring a tensor came to.</summary>
/// <param name="Statistics">Its values in figures; null where its elements are no numbers, or its data is damaged.</param>
/// <param name="Error">What is wrong with its data; null where nothing is.</param>
internal readonly record struct MeasuredTensor(TensorStatistics? Statistics, IOException? Error)
{
    /// <summary>The error in words, with the tensor's name; what to do about it is for whoever shows it to say.</summary>
    public string? Problem => Error switch
    {
        SafeTensorDataException e => Without(e.Remedy, e.Message),
        CheckpointDataException e => Without(e.Remedy, e.Message),
        _ => Error?.Message,
    };

    private static string Without(string remedy, string message) =>
        message.EndsWith(remedy, StringComparison.Ordinal) ? message[..^remedy.Length].TrimEnd(' ', '.') : message;
}
