using System.Diagnostics;
using Importer.Models;
using static TorchSharp.torch;

namespace Importer.Training;

public sealed partial class Trainer
{
    private readonly long _sampleLimit;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _step, _samples, _tokens;
    private double? _bestLoss, _lastLoss, _runningLoss;
    private long? _bestStep, _lastEvaluated;
    private int _evaluationsSinceBest;
    private double _elapsedBefore;
    private Dictionary<string, double> _lastLosses = [];

    /// <summary>Updates that were made.</summary>
    public long CurrentStep => _step;

    /// <summary>Passes over the data so far; 0 where the data has no such number.</summary>
    public double Epoch => Sources.Train.SamplesPerEpoch is { } all ? (double)_samples / all : 0;

    /// <summary>The lowest validation loss; null before the first evaluation.</summary>
    public double? BestLoss => _bestLoss;

    /// <summary>Updates before the last evaluation; null where there was none.</summary>
    internal long? LastEvaluatedStep => _lastEvaluated;

    /// <summary>The weights by name, in f32: a checkpoint's model.</summary>
    public IReadOnlyList<NamedTensor> ModelTensors { get; }

    /// <summary>The optimizer's state by name: <c>NAME.exp_avg</c>, <c>NAME.exp_avg_sq</c> and <c>NAME.step</c> of each parameter.</summary>
    public IReadOnlyList<NamedTensor> OptimizerTensors => _optimizer.Tensors;

    /// <summary>Where the run is. Between updates; the tensors are to be saved with it.</summary>
    public TrainingState Capture()
    {
        using var random = get_rng_state();
        return new TrainingState
        {
            Step = _step,
            SamplesSeen = _samples,
            TokensSeen = _tokens,
            Epoch = Epoch,
            Seed = Options.Seed,
            TotalSteps = TotalSteps,
            Schedule = Schedule,
            BestLoss = _bestLoss,
            BestStep = _bestStep,
            EvaluationsSinceBest = _evaluationsSinceBest,
            LastEvaluatedStep = _lastEvaluated,
            LastLosses = new Dictionary<string, double>(_lastLosses),
            LastLoss = _lastLoss,
            RunningLoss = _runningLoss,
            ElapsedSeconds = _elapsedBefore + Stopwatch.GetElapsedTime(_started).TotalSeconds,
            RandomState = random.bytes.ToArray(),
            PendingOffsets = (Sources.Train as IPrefetchingSource)?.Pending ?? [],
            Ranks = _ranks.Count > 0 ? _ranks : null,
        };
    }

    /// <summary>
    /// Puts the run where a state says, after its tensors were written into <see cref="ModelTensors"/> and
    /// <see cref="OptimizerTensors"/>.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <exception cref="StateMismatchException">The state is no state of this run.</exception>
    /// <remarks>
    /// Where the run has become longer, <see cref="TrainingOptions.LrScheduleOnExtend"/> says what the learning rate does; where
    /// <see cref="TrainingOptions.LrDecayIters"/> is given it decides.
    /// </remarks>
    public void Restore(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        StateChecks.Check(state, Sources.Train.SamplesPerEpoch);
        (_step, _samples, _tokens) = (state.Step, RunLength.Done(state, Sources.Train.SamplesPerEpoch), state.TokensSeen);
        // What is left of a run's epochs is so many updates of the size that they have now.
        (TotalSteps, _) = RunLength.Of(Options, Sources.Train.SamplesPerEpoch, _step, _samples);
        Schedule = StateChecks.Continue(state, Options, Schedule, TotalSteps);
        (_bestLoss, _bestStep, _evaluationsSinceBest) = (state.BestLoss, state.BestStep, state.EvaluationsSinceBest);
        (_lastLoss, _runningLoss) = (state.LastLoss, state.RunningLoss);
        // nanoGPT evaluates again where it goes on; here that would draw a second time what is drawn once.
        _lastEvaluated = state.LastEvaluatedStep;
        _lastLosses = new Dictionary<string, double>(state.LastLosses);
        // Of another number of processes they are nobody's.
        _ranks = _ranksNext = state.Ranks is { } ranks && ranks.Count == (_group?.WorldSize ?? 1) - 1 ? ranks : [];
        _elapsedBefore = state.ElapsedSeconds - Stopwatch.GetElapsedTime(_started).TotalSeconds;
        if (state.RandomState.Length > 0)
        {
            using var blob = tensor(state.RandomState, dtype: ScalarType.Byte);
            set_rng_state(blob);
        }

        if (Sources.Train is IPrefetchingSource source)
        {
            source.Pending = state.PendingOffsets;
        }

        _weights.Refresh();
    }

    /// <summary>
    /// Copies a state's tensors into the run, and puts it where the state says. A position table of a longer context is cropped to
    /// the model's, in the weights and in the moments.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <param name="model">The weights by name.</param>
    /// <param name="optimizer">The optimizer's state by name.</param>
    /// <exception cref="StateMismatchException">Tensors are missing, unexpected or of another shape; nothing has changed.</exception>
    public void Restore(TrainingState state, IReadOnlyDictionary<string, Tensor> model, IReadOnlyDictionary<string, Tensor> optimizer)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        StateChecks.Check(state, Sources.Train.SamplesPerEpoch);
        var check = TensorCheck();
        check.Verify("model", ModelTensors, model.Select(item => (item.Key, (IReadOnlyList<long>)item.Value.shape)));
        check.Verify("optimizer", OptimizerTensors, optimizer.Select(item => (item.Key, (IReadOnlyList<long>)item.Value.shape)));
        check.ThrowIfAny();
        using (no_grad())
        {
            foreach (var (target, sources) in new[] { (ModelTensors, model), (OptimizerTensors, optimizer) })
            {
                foreach (var (name, tensor) in target)
                {
                    using var scope = NewDisposeScope();
                    var source = sources[name];
                    tensor.copy_(source.dim() == 0 ? source : source.narrow(0, 0, tensor.shape[0]));
                }
            }
        }

        Restore(state);
    }

    /// <summary>What compares names and shapes with the run's before anything is read.</summary>
    internal StateChecks TensorCheck() => new(ModelFamily.Find(Model.Config.ModelType)?.PositionTable);
}
