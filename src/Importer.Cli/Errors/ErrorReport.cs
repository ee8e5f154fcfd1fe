using CheckpointStorage;
using HuggingFace.Hub.Client;
using Importer.Export;
using Importer.Mapping;
using Importer.Training;
using Importer.Training.Distributed;
using PretrainedTokenizers;
using SafeTensorSharp;

namespace Importer.Cli;

/// <summary>What went wrong, for people and for programs.</summary>
/// <param name="Kind">A word that programs can rely on: one of <see cref="ErrorKind"/>.</param>
/// <param name="ExitCode">One of <see cref="Cli.ExitCode"/>.</param>
/// <param name="Problem">What happened and where; a long one has a line for each finding.</param>
/// <param name="Remedy">What to do; empty where <paramref name="Problem"/> says it itself.</param>
internal sealed record ErrorReport(string Kind, int ExitCode, string Problem, string Remedy)
{
    /// <summary>Describes an exception.</summary>
    public static ErrorReport Of(Exception error)
    {
        if (error is AggregateException { InnerExceptions: { Count: > 0 } all })
        {
            // The first is why; the others came of it, such as a save that failed, too.
            var first = Of(all[0]);
            return first with { Problem = string.Join("; ", all.Select(other => Of(other).Problem)) };
        }

        var (kind, code) = Classify(error);
        var (problem, remedy) = Describe(error);
        return new ErrorReport(kind, code, problem, remedy);
    }

    private static (string Kind, int Code) Classify(Exception error) => error switch
    {
        OperationCanceledException => (ErrorKind.Cancelled, Cli.ExitCode.Cancelled),
        AllCheckpointsDamagedException => (ErrorKind.AllDamaged, Cli.ExitCode.AllCheckpointsDamaged),
        CheckpointStorage.CheckpointException store => Classify(store),
        TrainingException training => Classify(training),
        CommandFailedException failed => (ErrorKind.Of(failed.Code), failed.Code),
        HubException hub => Classify(hub),
        ImportDiffersException or ExportPlaceTakenException => (ErrorKind.Differs, Cli.ExitCode.Integrity),
        SourceChangedException => (ErrorKind.Changed, Cli.ExitCode.Integrity),
        MappingException or DTypeOverflowException => (ErrorKind.Mismatch, Cli.ExitCode.Integrity),
        SafeTensorException or PyTorchCheckpoints.CheckpointException or ModelConfigException or TiedWeightsDifferException or ShardsDifferException or NotAFileException => (ErrorKind.Integrity, Cli.ExitCode.Integrity),
        ModelNotFoundException or TokenizerNotFoundException or FileNotFoundException or DirectoryNotFoundException => (ErrorKind.NotFound, Cli.ExitCode.NotFound),
        TokenizerException => (ErrorKind.Integrity, Cli.ExitCode.Integrity),
        UnauthorizedAccessException => (ErrorKind.NotPermitted, Cli.ExitCode.NotFound),
        DiskSpaceException => (ErrorKind.DiskFull, Cli.ExitCode.Failure),
        UnsupportedCheckpointException or UnsupportedExportException => (ErrorKind.Unsupported, Cli.ExitCode.Failure),
        ArgumentException => (ErrorKind.Usage, Cli.ExitCode.Usage),
        IOException io when SystemError.IsReadOnly(io) => (ErrorKind.NotPermitted, Cli.ExitCode.NotFound),
        IOException io when SystemError.IsDiskFull(io) => (ErrorKind.DiskFull, Cli.ExitCode.Failure),
        _ when MemoryError.Is(error) => (ErrorKind.Failure, Cli.ExitCode.Failure),
        IOException or PretrainedException or DllNotFoundException or TypeInitializationException => (ErrorKind.Failure, Cli.ExitCode.Failure),
        _ => (ErrorKind.Defect, Cli.ExitCode.Failure),
    };

    private static (string Kind, int Code) Classify(CheckpointStorage.CheckpointException error) => error switch
    {
        CheckpointNotFoundException => (ErrorKind.NotFound, Cli.ExitCode.NotFound),
        CheckpointIOException { InnerException: UnauthorizedAccessException } => (ErrorKind.NotPermitted, Cli.ExitCode.NotFound),
        CheckpointDamagedException or CheckpointFormatException => (ErrorKind.Integrity, Cli.ExitCode.Integrity),
        ConfigurationMismatchException => (ErrorKind.Mismatch, Cli.ExitCode.Integrity),
        InsufficientDiskSpaceException or CheckpointSaveException { IsDiskFull: true } => (ErrorKind.DiskFull, Cli.ExitCode.Failure),
        _ => (ErrorKind.Failure, Cli.ExitCode.Failure),
    };

    private static (string Kind, int Code) Classify(TrainingException error) => error switch
    {
        TrainingConfigurationException => (ErrorKind.Usage, Cli.ExitCode.Usage),
        NothingToResumeException or DatasetNotFoundException => (ErrorKind.NotFound, Cli.ExitCode.NotFound),
        RunDirectoryInUseException or DatasetExistsException => (ErrorKind.Differs, Cli.ExitCode.Integrity),
        DataChangedException => (ErrorKind.Changed, Cli.ExitCode.Integrity),
        CheckpointContentException or TrainingDataException or Training.Events.MetricsFormatException => (ErrorKind.Integrity, Cli.ExitCode.Integrity),
        StateMismatchException or ResumeCheckException => (ErrorKind.Mismatch, Cli.ExitCode.Integrity),
        GroupRefusedException => (ErrorKind.Usage, Cli.ExitCode.Usage),
        GroupTimeoutException => (ErrorKind.Network, Cli.ExitCode.Network),
        // What another process failed of is what all failed of.
        PeerFailedException { Code: > 0 and < 128 or Cli.ExitCode.Cancelled } peer => (ErrorKind.Of(peer.Code), peer.Code),
        _ => (ErrorKind.Failure, Cli.ExitCode.Failure),
    };

    private static (string Kind, int Code) Classify(HubException error) => error.Category switch
    {
        HubErrorCategory.NotFoundOrNotPermitted => (error is HubForbiddenException or HubGatedRepositoryException or HubInvalidTokenException
            ? ErrorKind.NotPermitted
            : ErrorKind.NotFound, Cli.ExitCode.NotFound),
        HubErrorCategory.Network => (ErrorKind.Network, Cli.ExitCode.Network),
        HubErrorCategory.Integrity => (ErrorKind.Integrity, Cli.ExitCode.Integrity),
        _ => (error is HubDiskSpaceException ? ErrorKind.DiskFull : ErrorKind.Failure, Cli.ExitCode.Failure),
    };

    private static (string Problem, string Remedy) Describe(Exception error) => error switch
    {
        OperationCanceledException => ("Cancelled", "Nothing was left half-written; run the same command again to go on."),
        PretrainedException pretrained => Split(error.Message, pretrained.Remedy),
        HubException hub => Split(error.Message, hub.Remedy),
        SafeTensorException safeTensor => Split(error.Message, safeTensor.Remedy),
        CheckpointStorage.CheckpointException store => Split(error.Message, store.Remedy),
        PyTorchCheckpoints.CheckpointException checkpoint => Split(error.Message, checkpoint.Remedy),
        TokenizerException tokenizer => Split(error.Message, tokenizer.Remedy),
        CommandFailedException => (error.Message, ""),
        ArgumentException => (WithoutParameter(error.Message), ""),
        DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException } =>
            ("The native libraries of torch cannot be loaded", "Run ./import-weights once more to build them, or choose the packages: TorchRuntime=nuget."),
        _ when MemoryError.Is(error) => MemoryError.Describe(error),
        IOException or UnauthorizedAccessException => SystemError.Describe(error),
        _ => (error.Message.TrimEnd('.'), "This is a defect in import-weights; --debug shows where."),
    };

    private static (string Problem, string Remedy) Split(string message, string remedy) =>
        remedy.Length > 0 && message.EndsWith(remedy, StringComparison.Ordinal)
            ? (message[..^remedy.Length].TrimEnd().TrimEnd('.', ':'), remedy)
            : (message, "");

    private static string WithoutParameter(string message)
    {
        int at = message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return at < 0 ? message : message[..at];
    }
}
