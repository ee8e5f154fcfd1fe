namespace Importer.Training.Tests;

/// <summary>Remembers what it is told.</summary>
internal sealed class Recorder : ITrainingObserver
{
    public List<StepResult> Steps { get; } = [];

    public List<EvaluationResult> Evaluations { get; } = [];

    public List<TrainingEnd> Ends { get; } = [];

    public void StepCompleted(Trainer trainer, StepResult result) => Steps.Add(result);

    public void Evaluated(Trainer trainer, EvaluationResult result) => Evaluations.Add(result);

    public void Ended(Trainer trainer, TrainingEnd reason) => Ends.Add(reason);
}
