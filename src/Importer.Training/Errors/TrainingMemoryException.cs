using System.Runtime.InteropServices;

namespace Importer.Training;

/// <summary>There is not enough memory for the model, or for an update of that many tokens; on a GPU, its own.</summary>
public sealed class TrainingMemoryException : TrainingException
{
    private TrainingMemoryException(string problem, Exception innerException)
        : base(
            problem,
            "Lower batch_size and raise gradient_accumulation_steps as much, which is the same update; or lower block_size, or take a smaller model.",
            innerException)
    {
    }

    /// <summary>What torch and .NET say of memory in words of ours; anything else as it is.</summary>
    internal static Exception Translate(Exception error) => error switch
    {
        OutOfMemoryException => new TrainingMemoryException("There is not enough memory", error),
        // torch has no type of error for it, only these words.
        ExternalException when Speaks(error.Message) => new TrainingMemoryException($"There is not enough memory: {DisplayText.Escape(error.Message.Split('\n')[0].TrimEnd('.', ' '))}", error),
        _ => error,
    };

    private static bool Speaks(string message) =>
        message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || message.Contains("allocate memory", StringComparison.OrdinalIgnoreCase)
        || message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase);
}
