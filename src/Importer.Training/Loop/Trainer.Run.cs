using System.Diagnostics;
using Importer.Training.Checkpoints;
using static TorchSharp.torch;

namespace Importer.Training;

public sealed partial class Trainer
{
    private bool _stopRequested;

    /// <summary>Ends <see cref="Run"/> after the update, or evaluation, that is being made. For observers.</summary>
    public void RequestStop() => _stopRequested = true;

    /// <summary>
    /// Trains until the run is complete, or another reason to end: before the first update and then every
    /// <see cref="TrainingOptions.EvalInterval"/> updates, and after the last, the sets are evaluated. In a group rank 0 decides and
    /// evaluates, and the others make the updates with it.
    /// </summary>
    /// <param name="cancellationToken">Looked at before each micro-step and each batch that is evaluated.</param>
    /// <returns>Why it ended.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the state is that after the last whole update.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    public TrainingEnd Run(CancellationToken cancellationToken = default)
    {
        _stopRequested = false;
        foreach (var observer in _observers)
        {
            observer.Started(this);
        }

        // nanoGPT draws its first batch before anything else.
        (Sources.Train as IPrefetchingSource)?.Prefetch(Options.BatchSize);
        var end = _group is null ? Loop(cancellationToken) : RunInGroup(cancellationToken);
        foreach (var observer in _observers)
        {
            observer.Ended(this, end);
        }

        return end;
    }

    /// <summary>Evaluates every set: the mean loss of <see cref="TrainingOptions.EvalIters"/> batches each, nanoGPT's <c>estimate_loss</c>.</summary>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <returns>The losses.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">There is nothing to evaluate.</exception>
    public EvaluationResult Evaluate(CancellationToken cancellationToken = default)
    {
        if (Sources.Evaluation.Count == 0)
        {
            throw new InvalidOperationException("The trainer was given no sets to evaluate.");
        }

        long begin = Stopwatch.GetTimestamp();
        Seed(TrainingSeed.ForEvaluation(Options.Seed, _step));
        var losses = Losses(cancellationToken);
        double loss = losses[^1].Loss;
        bool best = loss < (_bestLoss ?? double.PositiveInfinity);
        if (best || (Options.NanogptCompat && Options.AlwaysSaveCheckpoint))
        {
            // nanoGPT overwrites the best loss with any that it saves at.
            (_bestLoss, _bestStep) = (loss, _step);
        }

        _evaluationsSinceBest = best ? 0 : _evaluationsSinceBest + 1;
        _lastEvaluated = _step;
        _lastLosses = losses.ToDictionary(item => item.Name, item => item.Loss);
        var result = new EvaluationResult(_step, losses, best, Stopwatch.GetElapsedTime(begin));
        foreach (var observer in _observers)
        {
            observer.Evaluated(this, result);
        }

        return result;
    }

    /// <summary>
    /// The loss of one fixed batch of the last evaluated set (or, without one, of the training data): a run that was restored must
    /// give the number that was saved with it. Changes nothing, the generators included.
    /// </summary>
    public double FixedBatchLoss()
    {
        using var state = random.get_rng_state();
        // What nanoGPT has drawn ahead is the next update's, and not this batch.
        var prefetching = Sources.Train as IPrefetchingSource;
        IReadOnlyList<long> pending = prefetching?.Pending ?? [];
        try
        {
            prefetching?.Pending = [];
            using var generator = random.manual_seed(Options.Seed);
            Model.eval();
            return BatchLoss(Sources.Evaluation.Count > 0 ? Sources.Evaluation[^1].Source : Sources.Train, 0);
        }
        finally
        {
            random.set_rng_state(state);
            prefetching?.Pending = pending;
        }
    }

    private TrainingEnd Loop(CancellationToken cancellationToken)
    {
        long firstSample = _samples, begin = Stopwatch.GetTimestamp();
        while (true)
        {
            bool done = _step >= TotalSteps || _samples >= _sampleLimit;
            if (IsEvaluationDue(done))
            {
                Evaluate(cancellationToken);
            }

            if (Options.EvalOnly)
            {
                return TrainingEnd.Evaluated;
            }

            if (done)
            {
                return TrainingEnd.Completed;
            }

            // Also of a run that ended so before, and is started again.
            if (_lastEvaluated == _step && Options.EarlyStoppingPatience <= _evaluationsSinceBest)
            {
                return TrainingEnd.EarlyStopped;
            }

            if (_stopRequested)
            {
                return TrainingEnd.StopRequested;
            }

            if (_samples - firstSample >= Options.StopAfterEpochs * Sources.Train.SamplesPerEpoch)
            {
                return TrainingEnd.EpochsReached;
            }

            if (Stopwatch.GetElapsedTime(begin).TotalMinutes >= Options.MaxMinutes)
            {
                return TrainingEnd.TimeReached;
            }

            Tell(MakeStep);
            Step(cancellationToken);
        }
    }

    // Who asks for nothing but an evaluation gets one, whatever the checkpoint was evaluated for.
    private bool IsEvaluationDue(bool done) =>
        Sources.Evaluation.Count > 0 && Options.EvalIters > 0 &&
        (Options.EvalOnly || (_lastEvaluated != _step && (_step % Options.EvalInterval == 0 || (done && !Options.NanogptCompat))));

    private List<(string Name, double Loss)> Losses(CancellationToken cancellationToken)
    {
        using var mark = GeneratorMark.At(Sources.Train);
        try
        {
            return [.. Sources.Evaluation.Select(set => (set.Name, Mean(set, cancellationToken)))];
        }
        catch
        {
            mark?.Return();
            throw;
        }
    }

    private double Mean(EvaluationSet set, CancellationToken cancellationToken)
    {
        Model.eval();
        double sum = 0;
        for (int i = 0; i < Options.EvalIters; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _group?.ThrowIfEnded();
            sum += BatchLoss(set.Source, (_step * Options.EvalIters + i) * Options.BatchSize);
            TrainingCrashPoint.Reach(TrainingCrashPoint.DuringEvaluation);
            foreach (var observer in _observers)
            {
                observer.BatchEvaluated(this, set.Name, i + 1, Options.EvalIters);
            }
        }

        return sum / Options.EvalIters;
    }

    private double BatchLoss(IBatchSource source, long firstSample)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var (ids, targets, counted) = Read(source, firstSample, Options.BatchSize);
        return _loss.Evaluate(Model.Hidden(ids), targets, counted).item<double>();
    }
}
