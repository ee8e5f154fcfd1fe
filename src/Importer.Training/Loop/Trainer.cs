using System.Diagnostics;
using Importer.Models;
using Importer.Training.Checkpoints;
using Importer.Training.Distributed;
using Importer.Training.Optimization;
using static TorchSharp.torch;

namespace Importer.Training;

/// <summary>
/// Trains a model: nanoGPT's recipe, one update after the other. It knows of no files: checkpoints, logs and the rest are
/// observers, and what they must keep is <see cref="Capture"/> with <see cref="ModelTensors"/> and <see cref="OptimizerTensors"/>.
/// </summary>
/// <remarks>
/// <para>
/// A run is a function of its options, its sources and its first weights. Before each micro-step torch is seeded with a number that
/// depends on the seed, the step and the micro-step alone, so dropout needs no state, and evaluations and saves change nothing.
/// With <see cref="TrainingOptions.NanogptCompat"/> torch's one generator serves everything instead, as in nanoGPT.
/// </para>
/// <para>
/// With a <see cref="ProcessGroup"/> micro-step m of an update is made by rank m modulo the number of ranks, gradients are summed before they
/// are clipped, and every rank makes the same update: the windows, their order and the dropout are those of one process, and the result
/// is the same within rounding.
/// </para>
/// <para>
/// An update happens whole or not at all: where one is cancelled, or fails, the gradients are dropped and the state is that after
/// the update before. All calls belong on one thread.
/// </para>
/// </remarks>
public sealed partial class Trainer : IDisposable
{
    // Logits of at most this many bytes are made at once: GPT-2's for 667 positions.
    internal const long MaxLogitBytes = 128L << 20;

    private readonly AdamW _optimizer;
    private readonly MasterWeights _weights;
    private readonly HeadLoss _loss;
    private readonly Device _device;
    private readonly IReadOnlyList<ITrainingObserver> _observers;
    private readonly ProcessGroup? _group;

    /// <summary>Makes a trainer at the beginning of a run.</summary>
    /// <param name="model">
    /// The model, with f32 parameters and the dropout it is to have; it stays the caller's. Where the options ask for bfloat16 it
    /// becomes a copy in that dtype to compute with, and the f32 weights are the trainer's.
    /// </param>
    /// <param name="options">The settings; those of files and data are not looked at.</param>
    /// <param name="sources">What to learn from and to evaluate.</param>
    /// <param name="observers">What watches the run; null for nothing.</param>
    /// <param name="group">The processes that train together, each with its own trainer; null for this one alone. It stays the caller's.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the parameters are not f32.</exception>
    /// <exception cref="TrainingConfigurationException">The micro-steps of an update cannot be shared among the processes.</exception>
    public Trainer(
        PretrainedModel model, TrainingOptions options, TrainingSources sources, IReadOnlyList<ITrainingObserver>? observers = null, ProcessGroup? group = null)
        : this(model, options, sources, observers, MaxLogitBytes, group)
    {
    }

    internal Trainer(
        PretrainedModel model, TrainingOptions options, TrainingSources sources, IReadOnlyList<ITrainingObserver>? observers, long maxLogitBytes, ProcessGroup? group = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sources);
        options.Validate();
        options.ValidateWorld(group?.WorldSize ?? 1);
        _group = group;
        Model = model;
        Options = options;
        Sources = sources;
        _observers = observers ?? [];
        (TotalSteps, _sampleLimit) = RunLength.Of(options, sources.Train.SamplesPerEpoch);
        Schedule = LearningRateSchedule.From(options, options.MaxIters ?? TotalSteps);
        _weights = new MasterWeights(model, options.Dtype == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32);
        _optimizer = new AdamW(
            ParameterGroup.ByDimension(_weights.Parameters, options.WeightDecay),
            new AdamWOptions { Beta1 = options.Beta1, Beta2 = options.Beta2 });
        _loss = new HeadLoss(model, maxLogitBytes);
        _device = model.HeadWeight.device;
        ModelTensors = [.. _weights.Parameters.Select(parameter => new NamedTensor(parameter.Name, parameter.Parameter))];
    }

    /// <summary>The model that computes.</summary>
    public PretrainedModel Model { get; }

    /// <summary>The settings.</summary>
    public TrainingOptions Options { get; }

    /// <summary>What is learned from and evaluated.</summary>
    public TrainingSources Sources { get; }

    /// <summary>The optimizer.</summary>
    public AdamW Optimizer => _optimizer;

    /// <summary>The learning rate's schedule.</summary>
    public LearningRateSchedule Schedule { get; private set; }

    /// <summary>Updates of the whole run. nanoGPT makes one more than it is asked for, and so does compat.</summary>
    public long TotalSteps { get; private set; }

    /// <summary>Makes one update.</summary>
    /// <param name="cancellationToken">Looked at before each micro-step; the update is dropped then.</param>
    /// <returns>What it did.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the state is that after the update before.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite; the update was not made. Not in compat.</exception>
    /// <exception cref="TokenOutOfVocabularyException">The data holds an id that the model does not know.</exception>
    public StepResult Step(CancellationToken cancellationToken = default)
    {
        long begin = Stopwatch.GetTimestamp();
        long samples = Math.Min((long)Options.BatchSize * Options.GradientAccumulationSteps, _sampleLimit - _samples), tokens = 0;
        if (samples <= 0)
        {
            throw new InvalidOperationException($"The run has learned from all {_sampleLimit} windows that it was to learn from.");
        }

        double rate = Schedule.At(_step), loss, norm;
        using var mark = GeneratorMark.At(Sources.Train);
        Model.train();
        try
        {
            (loss, tokens) = Accumulate(samples, cancellationToken);
            norm = _optimizer.GradientNorm();
            if (!Options.NanogptCompat && !(double.IsFinite(loss) && double.IsFinite(norm)))
            {
                throw new TrainingDivergedException(_step, loss, norm);
            }

            _optimizer.Step(rate, Options.GradClip, norm);
            TrainingCrashPoint.Reach(TrainingCrashPoint.AfterUpdate);
        }
        catch
        {
            DropGradients();
            mark?.Return();
            throw;
        }

        DropGradients();
        _weights.Refresh();
        _ranks = _ranksNext;
        _step++;
        _samples += samples;
        _tokens += tokens;
        _lastLoss = loss;
        _runningLoss = _runningLoss is { } mean ? 0.9 * mean + 0.1 * loss : loss;
        var result = new StepResult(_step, loss, norm, rate, samples, tokens, Epoch, Stopwatch.GetElapsedTime(begin));
        foreach (var observer in _observers)
        {
            observer.StepCompleted(this, result);
        }

        return result;
    }

    /// <summary>Frees the optimizer's state, and the f32 weights of a bf16 model.</summary>
    public void Dispose()
    {
        _optimizer.Dispose();
        _weights.Dispose();
    }

    /// <summary>Gradients of all micro-steps of an update.</summary>
    /// <returns>The loss that is reported, and how many tokens it was.</returns>
    private (double Loss, long Tokens) Accumulate(long samples, CancellationToken cancellationToken)
    {
        var losses = new List<(Tensor Loss, double Weight)>();
        long tokens = 0;
        bool cancelled = false;
        try
        {
            int micro = 0, all = (int)((samples + Options.BatchSize - 1) / Options.BatchSize);
            for (long done = 0; done < samples; micro++)
            {
                int count = (int)Math.Min(Options.BatchSize, samples - done);
                if (!IsOwn(micro))
                {
                    done += count;
                    continue;
                }

                if (_group is null)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
                else if (cancelled = cancellationToken.IsCancellationRequested)
                {
                    // The others are told, so that all drop the same update.
                    break;
                }

                // 1/n for n full micro-steps; a run's last update may have a smaller one, which weighs less.
                double weight = (double)count / samples;
                var (loss, counted) = MicroStep(_samples + done, count, micro, weight);
                losses.Add((loss, weight));
                tokens += counted;
                done += count;
                TrainingCrashPoint.Reach(TrainingCrashPoint.MidAccumulation);
                foreach (var observer in _observers)
                {
                    observer.MicroStepCompleted(this, micro + 1, all);
                }
            }

            // The device is waited for here, not in every micro-step.
            double mean = losses.Sum(item => item.Loss.item<double>() * item.Weight);
            double reported = Options.NanogptCompat && losses.Count > 0 ? losses[^1].Loss.item<double>() : mean;
            return _group is null ? (reported, tokens) : Share(reported, tokens, cancelled, cancellationToken);
        }
        finally
        {
            losses.ForEach(item => item.Loss.Dispose());
        }
    }

    private (Tensor Loss, long Tokens) MicroStep(long firstSample, int count, int micro, double weight)
    {
        using var scope = NewDisposeScope();
        Seed(TrainingSeed.ForMicroStep(Options.Seed, _step, micro));
        var (ids, targets, counted) = Read(Sources.Train, firstSample, count);
        using var embedding = new EmbeddingGradient(Model);
        var hidden = Model.Hidden(ids);
        (Sources.Train as IPrefetchingSource)?.Prefetch(Options.BatchSize);
        var loss = _loss.Backward(hidden, targets, counted, weight);
        embedding.Add();
        _weights.TakeGradients();
        return (loss.DetachFromDisposeScope(), ids.numel());
    }

    private (Tensor Ids, Tensor Targets, long Counted) Read(IBatchSource source, long firstSample, int count)
    {
        var batch = source.Read(firstSample, count);
        using (Tensor inputs = batch.Ids.max(), targets = batch.Targets.max())
        {
            if (Math.Max(inputs.item<long>(), targets.item<long>()) is var id && id >= Model.Config.VocabSize)
            {
                throw new TokenOutOfVocabularyException(id, Model.Config.VocabSize);
            }
        }

        return (batch.Ids.to(_device), batch.Targets.to(_device), HeadLoss.Count(batch.Targets));
    }

    private void Seed(long seed)
    {
        if (Options.NanogptCompat)
        {
            return;
        }

        using var generator = random.manual_seed(seed);
        if (_device.type == TorchSharp.DeviceType.CUDA)
        {
            // TorchSharp's manual_seed reaches only the CPU.
            cuda.manual_seed_all(seed);
        }
    }

    private void DropGradients()
    {
        _optimizer.ZeroGradients();
        Model.zero_grad(set_to_none: true);
    }
}
