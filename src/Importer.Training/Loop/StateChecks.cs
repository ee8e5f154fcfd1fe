using Importer.Training.Optimization;

namespace Importer.Training;

/// <summary>Whether a state fits a run: every problem, before anything is changed.</summary>
internal sealed class StateChecks
{
    private readonly string? _positionTable;
    private readonly List<string> _problems = [];

    /// <param name="positionTable">The position embedding, whose first rows will do; null where the model has none.</param>
    public StateChecks(string? positionTable) => _positionTable = positionTable;

    /// <summary>Compares names and shapes.</summary>
    /// <param name="what">What they are, for the message.</param>
    /// <param name="expected">The run's.</param>
    /// <param name="found">The state's.</param>
    public void Verify(string what, IReadOnlyList<NamedTensor> expected, IEnumerable<(string Name, IReadOnlyList<long> Shape)> found)
    {
        var left = found.ToDictionary(item => item.Name, item => item.Shape, StringComparer.Ordinal);
        foreach (var (name, tensor) in expected)
        {
            if (!left.Remove(name, out var shape))
            {
                _problems.Add($"{what}: {name} is missing");
            }
            else if (!Fits(name, tensor.shape, shape))
            {
                _problems.Add($"{what}: {DisplayText.Escape(name)} is [{string.Join(", ", shape)}] instead of [{string.Join(", ", tensor.shape)}]");
            }
        }

        _problems.AddRange(left.Keys.Select(name => $"{what}: {DisplayText.Escape(name)} is not known"));
    }

    /// <exception cref="StateMismatchException">There were problems.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new StateMismatchException(_problems);
        }
    }

    /// <summary>Checks the numbers of a state, which may come from a file.</summary>
    public static void Check(TrainingState state, long? samplesPerEpoch)
    {
        var problems = new List<string>();
        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }

        Require(state.Step >= 0, FormattableString.Invariant($"its step is {state.Step}"));
        Require(state.SamplesSeen >= 0, FormattableString.Invariant($"it has seen {state.SamplesSeen} windows"));
        Require(state.TokensSeen >= 0, FormattableString.Invariant($"it has seen {state.TokensSeen} tokens"));
        Require(state.EvaluationsSinceBest >= 0, FormattableString.Invariant($"it counts {state.EvaluationsSinceBest} evaluations since the best"));
        Require(state.ElapsedSeconds >= 0, FormattableString.Invariant($"it has taken {state.ElapsedSeconds} seconds"));
        Require(state.BestLoss is not { } best || !double.IsNaN(best), "its best loss is no number");
        Require(samplesPerEpoch is not null || state.Epoch == 0 || state.SamplesSeen > 0, "it has epochs and no windows");
        if (problems.Count > 0)
        {
            throw new StateMismatchException(problems);
        }
    }

    /// <summary>The schedule of a run that goes on: the options' rates over the length that was planned, and extended if it grew.</summary>
    public static LearningRateSchedule Continue(TrainingState state, TrainingOptions options, LearningRateSchedule fresh, long totalSteps)
    {
        if (options.LrDecayIters is not null)
        {
            return fresh;
        }

        var planned = fresh with { DecaySteps = state.Schedule.DecaySteps, HeldFrom = state.Schedule.HeldFrom, HeldRate = state.Schedule.HeldRate };
        return totalSteps > state.TotalSteps ? planned.Extend(Policy(options.LrScheduleOnExtend), state.Step, totalSteps) : planned;
    }

    private static LearningRateExtension Policy(string name) => name switch
    {
        "keep" => LearningRateExtension.Keep,
        "rescale" => LearningRateExtension.Rescale,
        "constant" => LearningRateExtension.Constant,
        _ => throw new ArgumentException($"lr_schedule_on_extend is {DisplayText.Escape(name)}; it is keep, rescale or constant."),
    };

    /// <summary>Whether a tensor of a state is the run's, or has it as its first rows.</summary>
    public bool Fits(string name, long[] expected, IReadOnlyList<long> found) =>
        expected.AsSpan().SequenceEqual([.. found]) ||
        (_positionTable is not null && (name == _positionTable || name == _positionTable + ".exp_avg" || name == _positionTable + ".exp_avg_sq") &&
            found.Count == expected.Length && found[0] > expected[0] && found.Skip(1).SequenceEqual(expected.Skip(1)));
}
