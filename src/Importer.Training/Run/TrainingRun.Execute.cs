using System.Diagnostics;
using CheckpointStorage;
using Importer.Training.Checkpoints;

namespace Importer.Training;

/// <content>What happens on the thread that trains.</content>
public sealed partial class TrainingRun
{
    private TrainingRunResult Execute(CancellationToken cancellationToken)
    {
        long begin = Stopwatch.GetTimestamp();
        Session? session = null;
        TrainingRunEnd end;
        Exception? error = null;
        try
        {
            session = Session.Open(this, cancellationToken);
            end = Train(session, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || session?.Trainer.IsCancelledTogether == true)
        {
            (end, error) = SaveAfter(session, SaveReason.Signal, TrainingRunEnd.Interrupted, null);
        }
        catch (Exception e)
        {
            // An optimizer, an observer, a disk: whatever it is, what was trained is worth saving, and the caller is told.
            (end, error) = SaveAfter(session, SaveReason.Error, TrainingRunEnd.Failed, TrainingMemoryException.Translate(e));
        }

        TellOthers(session, end, error);
        try
        {
            session?.Writer.Abandon();
            session?.Events.EndedBy(end);
            var state = session?.Trainer.Capture();
            return new TrainingRunResult(
                end, state?.Step ?? _start.FirstStep, session?.Writer.Last ?? Newest(), state?.BestLoss, state?.LastLoss,
                Stopwatch.GetElapsedTime(begin), session?.Writer.Clock.Waited ?? default, error)
            {
                Losses = state?.LastLosses ?? new Dictionary<string, double>(),
            };
        }
        finally
        {
            session?.Dispose();
        }
    }

    private static TrainingRunEnd Train(Session session, CancellationToken cancellationToken)
    {
        var end = session.Trainer.Run(cancellationToken);
        if (end != TrainingEnd.Evaluated)
        {
            session.Checkpointer.Finish(session.Trainer, SaveReason.Of(end));
        }

        return end switch
        {
            TrainingEnd.Completed => TrainingRunEnd.Completed,
            TrainingEnd.EarlyStopped => TrainingRunEnd.EarlyStopped,
            TrainingEnd.EpochsReached => TrainingRunEnd.EpochsReached,
            TrainingEnd.TimeReached => TrainingRunEnd.TimeReached,
            TrainingEnd.Evaluated => TrainingRunEnd.Evaluated,
            _ => TrainingRunEnd.StopRequested,
        };
    }

    private static (TrainingRunEnd End, Exception? Error) SaveAfter(Session? session, string reason, TrainingRunEnd end, Exception? error)
    {
        // What cannot be saved is what failed; it is not tried twice.
        if (session is null || error is CheckpointSaveException or NonFiniteWeightsException)
        {
            return (end, error);
        }

        try
        {
            session.Checkpointer.Finish(session.Trainer, reason);
            return (end, error);
        }
        catch (Exception e)
        {
            return (TrainingRunEnd.Failed, error is null ? e : new AggregateException(error, e));
        }
    }

    private CheckpointInfo? Newest() => Checkpoints.List().FirstOrDefault(info => info.Problem is null);
}
