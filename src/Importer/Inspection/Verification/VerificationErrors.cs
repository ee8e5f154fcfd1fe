using Importer.Mapping;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Inspection.Verification;

/// <summary>Exceptions that tell what is wrong with a checkpoint, as problems.</summary>
internal static class VerificationErrors
{
    /// <summary>The kind of problem that an exception tells; null for one that tells of none.</summary>
    public static VerificationProblemKind? Kind(Exception error) => error switch
    {
        CheckpointDataException { Kind: CheckpointErrorKind.Truncated or CheckpointErrorKind.ChangedDuringRead } => VerificationProblemKind.Unreadable,
        CheckpointDataException => VerificationProblemKind.Content,
        SafeTensorSetException or ShardsDifferException => VerificationProblemKind.Inconsistent,
        SafeTensorException or CheckpointException or ModelConfigException or NotAFileException or UnsupportedCheckpointException or MappingTableException =>
            VerificationProblemKind.Format,
        TiedWeightsDifferException or DroppedTensorDiffersException or MappingException => VerificationProblemKind.Mismatch,
        FileNotFoundException or DirectoryNotFoundException or ModelNotFoundException => VerificationProblemKind.Missing,
        IOException or UnauthorizedAccessException => VerificationProblemKind.Unreadable,
        _ => null,
    };

    /// <summary>Reports an exception, as several problems where it lists several.</summary>
    public static void Tell(VerificationProblemKind kind, string? file, Exception error, Action<VerificationProblemKind, string?, string> report)
    {
        switch (error)
        {
            case ShardsDifferException shards:
                Each(shards.Problems);
                break;
            case SafeTensorSetException set:
                Each(set.Problems.Select(problem => problem.Message));
                break;
            default:
                Each([error.Message.ReplaceLineEndings("; ")]);
                break;
        }

        void Each(IEnumerable<string> messages)
        {
            foreach (string message in messages)
            {
                report(kind, file, message);
            }
        }
    }
}
