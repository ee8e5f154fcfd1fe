using System.Text.Json;
using Importer.Training.Checkpoints;
using Importer.Training.Distributed;
using static TorchSharp.torch;

namespace Importer.Training;

/// <content>What several processes do together.</content>
public sealed partial class Trainer
{
    // What rank 0 tells the others; an end is its number after these.
    private const byte MakeStep = 0, Cancelled = 1, Ended = 2;

    // Where the others' generators are after the last update, and after the one that is being made.
    private IReadOnlyList<RankState> _ranks = [], _ranksNext = [];

    /// <summary>Whether a run ended because a process of its group was cancelled, and all know.</summary>
    internal bool IsCancelledTogether { get; private set; }

    /// <summary>
    /// Gives rank 0's weights, moments and place in the run to all. To be called in every rank before the first update; without a group it
    /// does nothing.
    /// </summary>
    /// <exception cref="ProcessGroupException">A process failed, is gone, or does something else.</exception>
    /// <remarks>
    /// With <see cref="TrainingOptions.NanogptCompat"/> each rank goes on where its own generator was, if as many ranks were saved, and else
    /// begins with nanoGPT's seed of its own, the seed and its rank.
    /// </remarks>
    public void Synchronize()
    {
        if (_group is null)
        {
            return;
        }

        foreach (var (_, tensor) in ModelTensors.Concat(OptimizerTensors))
        {
            GroupTensors.Broadcast(_group, tensor);
        }

        var context = TrainerRecordContext.Default.TrainingState;
        string text = _group.BroadcastText(_group.IsFirst ? JsonSerializer.Serialize(Capture(), context) : null);
        if (_group.IsFirst)
        {
            return;
        }

        var state = Parse(text);
        var own = state.Ranks?.Count == _group.WorldSize - 1 ? state.Ranks[_group.Rank - 1] : null;
        Restore(state with { RandomState = own?.RandomState ?? [], PendingOffsets = own?.PendingOffsets ?? [], Ranks = null });
        Schedule = state.Schedule;
        if (Options.NanogptCompat && own is null && state.Step > 0)
        {
            using var generator = random.manual_seed(Options.Seed + _group.Rank);
        }

        TrainingState Parse(string json)
        {
            try
            {
                return JsonSerializer.Deserialize(json, context) ?? throw new JsonException("null");
            }
            catch (JsonException e)
            {
                throw new GroupProtocolException(0, $"a state that cannot be read ({e.Message})");
            }
        }
    }

    // Micro-steps go around, so that another number of ranks reads the same windows in the same order.
    private bool IsOwn(int micro) => _group is null || micro % _group.WorldSize == _group.Rank;

    /// <summary>Sums what the ranks found: first whether all have it, then the gradients.</summary>
    /// <returns>The loss and the tokens of the whole update; nanoGPT's loss is rank 0's.</returns>
    private (double Loss, long Tokens) Share(double loss, long tokens, bool cancelled, CancellationToken cancellationToken)
    {
        const int head = 3;
        var parameters = _weights.Parameters;
        double[] sums = new double[head + parameters.Count];
        (sums[0], sums[1], sums[2]) = (cancelled ? 1 : 0, Options.NanogptCompat && !_group!.IsFirst ? 0 : loss, tokens);
        for (int i = 0; i < parameters.Count; i++)
        {
            using var gradient = parameters[i].Parameter.grad;
            gradient?.DetachFromDisposeScope();
            sums[head + i] = gradient is null ? 0 : 1;
        }

        _group!.AllReduce(sums);
        if (sums[0] > 0)
        {
            IsCancelledTogether = true;
            throw new OperationCanceledException("A process of the group was cancelled; the update was dropped in all.", cancellationToken);
        }

        // A rank without a micro-step in a run's last update has no gradients; a parameter that no rank has one of keeps having none.
        GroupTensors.SumGradients(_group, [.. parameters.Where((_, i) => sums[head + i] > 0).Select(item => item.Parameter)]);
        ShareGenerators();
        return (sums[1], (long)sums[2]);
    }

    // Each rank draws for itself in nanoGPT's way; rank 0 keeps where they are, for the next checkpoint.
    private void ShareGenerators()
    {
        if (Sources.Train is not IPrefetchingSource source || !Options.NanogptCompat)
        {
            return;
        }

        using var state = get_rng_state();
        var context = TrainerRecordContext.Default.RankState;
        var all = _group!.GatherText(JsonSerializer.Serialize(new RankState(state.bytes.ToArray(), source.Pending), context));
        _ranksNext = [.. all.Skip(1).Select((text, i) => Parse(text, i + 1))];

        RankState Parse(string text, int rank)
        {
            try
            {
                return JsonSerializer.Deserialize(text, context) ?? throw new JsonException("null");
            }
            catch (JsonException e)
            {
                throw new GroupProtocolException(rank, $"a generator's state that cannot be read ({e.Message})");
            }
        }
    }

    private TrainingEnd RunInGroup(CancellationToken cancellationToken)
    {
        IsCancelledTogether = false;
        if (!_group!.IsFirst)
        {
            return Follow(cancellationToken);
        }

        try
        {
            var end = Loop(cancellationToken);
            Tell((byte)(Ended + (int)end));
            return end;
        }
        catch (OperationCanceledException) when (!IsCancelledTogether)
        {
            Tell(Cancelled);
            IsCancelledTogether = true;
            throw;
        }
    }

    private TrainingEnd Follow(CancellationToken cancellationToken)
    {
        while (true)
        {
            byte[] word = [0];
            _group!.Broadcast(word);
            switch (word[0])
            {
                case MakeStep:
                    Step(cancellationToken);
                    break;
                case Cancelled:
                    IsCancelledTogether = true;
                    throw new OperationCanceledException("Rank 0 was cancelled.", cancellationToken);
                case var other when Enum.IsDefined((TrainingEnd)(other - Ended)):
                    return (TrainingEnd)(other - Ended);
                case var other:
                    throw new GroupProtocolException(0, FormattableString.Invariant($"the word {other}, which has no meaning"));
            }
        }
    }

    private void Tell(byte word) => _group?.Broadcast([word]);
}
