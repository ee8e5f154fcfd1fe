namespace Importer.Training.Events;

/// <summary>
/// Writes a run's losses, learning rate, gradient norm and speed for TensorBoard, into <c>tensorboard</c> in the run's directory. A run
/// that goes on has a new file, from whose first step TensorBoard forgets what earlier ones have.
/// </summary>
/// <remarks>
/// Names: <c>loss/train</c> (updates), <c>loss/val</c> and the other evaluated sets (<c>loss/train_eval</c> for the one named train),
/// <c>lr</c>, <c>grad_norm</c>, <c>tokens_per_second</c>. A file that cannot be written ends with a warning, not the run.
/// </remarks>
public sealed class TensorBoardObserver : ITrainingObserver, IDisposable
{
    /// <summary>The folder's name in a run's directory.</summary>
    public const string FolderName = "tensorboard";

    private readonly string _directory;
    private readonly IProgress<RunMessage>? _log;
    private readonly TimeProvider? _time;
    private TensorBoardWriter? _writer;

    /// <summary>Makes the observer; the file is made when the run begins.</summary>
    /// <param name="directory">The run's directory.</param>
    /// <param name="log">Told where nothing can be written; null for nobody.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public TensorBoardObserver(string directory, IProgress<RunMessage>? log = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _directory = System.IO.Path.Combine(directory, FolderName);
        _log = log;
        _time = time;
    }

    /// <inheritdoc/>
    public void Started(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        Dispose();
        // A run that begins where another was forgets that one; one that goes on from before its first update has been evaluated then.
        long? purge = trainer.CurrentStep > 0 || trainer.LastEvaluatedStep is not null ? trainer.CurrentStep + 1 : TensorBoardWriter.HasFiles(_directory) ? 0 : null;
        Try(() => _writer = TensorBoardWriter.Create(_directory, purge, _time));
    }

    /// <inheritdoc/>
    public void StepCompleted(Trainer trainer, StepResult result)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(result);
        if (result.Step % trainer.Options.LogInterval == 0 || result.Step == trainer.TotalSteps)
        {
            Try(() => _writer?.Write(
                result.Step, ("loss/train", result.Loss), ("lr", result.LearningRate), ("grad_norm", result.GradientNorm), ("tokens_per_second", result.TokensPerSecond)));
        }
    }

    /// <inheritdoc/>
    public void Evaluated(Trainer trainer, EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Try(() => _writer?.Write(result.Step, [.. result.Losses.Select(item => (item.Name == "train" ? "loss/train_eval" : $"loss/{item.Name}", item.Loss))]));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log?.Report(new RunMessage(
                RunMessageKind.Warning, $"{DisplayText.Escape(_directory)} cannot be written, and TensorBoard gets nothing more: {DisplayText.Escape(e.Message)}"));
            Dispose();
        }
    }
}
