using Importer.Models;
using Importer.Training.Data;
using Importer.Training.NanoGpt;
using Importer.Training.Sampling;

namespace Importer.Training;

/// <summary>The data of a run: opened, compared with what a checkpoint was trained on, and as the trainer's sources.</summary>
internal sealed class RunData : IDisposable
{
    // Other windows than the training's, in another order.
    private const long EvaluationSeed = 0x6576_616C;

    private RunData(TokenDataset tokens, DatasetFingerprint fingerprint)
    {
        Tokens = tokens;
        Fingerprint = fingerprint;
    }

    public TokenDataset Tokens { get; }

    public DatasetFingerprint Fingerprint { get; }

    /// <summary>Opens the data; a text is tokenised with the model's own tokenizer, or into characters from scratch.</summary>
    /// <param name="start">What the run begins with.</param>
    /// <param name="cache">Where the tokens of texts are kept.</param>
    /// <param name="progress">Told of progress.</param>
    /// <param name="log">Told what differs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DataChangedException">It is not what the checkpoint was trained on, and may not be.</exception>
    public static async Task<RunData> OpenAsync(RunStart start, string cache, IProgress<PrepareProgress>? progress, RunLog log, CancellationToken cancellationToken)
    {
        var options = start.Options;
        bool isTokens = Directory.Exists(options.Data) && TokenDataset.IsDataset(options.Data);
        var prepare = new PrepareOptions
        {
            Tokenizer = isTokens || start.TokenizerDirectory is null ? DatasetTokenizerSource.Characters : DatasetTokenizerSource.FromDirectory(start.TokenizerDirectory),
            Progress = progress,
        };
        var tokens = await TokenDataset.OpenAsync(options.Data, cache, prepare, cancellationToken).ConfigureAwait(false);
        try
        {
            var data = new RunData(tokens, await Task.Run(() => tokens.ComputeFingerprint(null, cancellationToken), cancellationToken).ConfigureAwait(false));
            data.Compare(start, log);
            return data;
        }
        catch
        {
            tokens.Dispose();
            throw;
        }
    }

    /// <summary>The trainer's sources for a model.</summary>
    public TrainingSources Sources(TrainingOptions options, ModelConfig config, RunLog log)
    {
        Tokens.LimitTo(config.VocabSize);
        int block = config.BlockSize;
        var sets = new List<EvaluationSet>();
        if (Tokens.Val.Count > block)
        {
            sets.Add(new EvaluationSet("train", Source(Tokens.Train, evaluation: true)));
            sets.Add(new EvaluationSet("val", Source(Tokens.Val, evaluation: true)));
        }
        else if (options.EvalOnly)
        {
            throw new TooFewTokensException(Tokens.Val.Count, block, "The data to evaluate on");
        }
        else
        {
            log.Warn(FormattableString.Invariant($"The data has {Tokens.Val.Count} tokens to evaluate on, fewer than a block of {block}: nothing is evaluated."));
        }

        return new TrainingSources(Source(Tokens.Train, evaluation: false), sets);

        IBatchSource Source(TokenFile split, bool evaluation) => (options.NanogptCompat, evaluation) switch
        {
            (true, _) => new NanoGptBatchSource(split, block),
            (_, true) => new WindowBatchSource(split, new RandomSampler(split.Count, block, options.Seed ^ EvaluationSeed), block),
            _ => new WindowBatchSource(split, WindowSampler.Create(options.Sampler, split.Count, block, options.Seed), block),
        };
    }

    /// <summary>The windows of an epoch; null where there is no such number.</summary>
    public long? WindowsPerEpoch(TrainingOptions options, int blockSize) =>
        options.NanogptCompat ? null : WindowSampler.Create(options.Sampler, Tokens.Train.Count, blockSize, options.Seed).WindowsPerEpoch;

    public void Dispose() => Tokens.Dispose();

    private void Compare(RunStart start, RunLog log)
    {
        if (start.Record?.Data is { } recorded && Fingerprint.Differences(recorded) is { Count: > 0 } differences)
        {
            if (!start.Options.AllowDataChange)
            {
                throw new DataChangedException(differences);
            }

            foreach (string difference in differences)
            {
                log.Warn($"The data has changed. {difference}");
            }
        }

        if (start.TokenizerDirectory is { } directory && TokenizerFiles.Find(directory) is { } tokenizer && Fingerprint.Tokenizer is { } used &&
            TokenizerFingerprint.Of(tokenizer, directory) is var own && own != used)
        {
            log.Warn($"The data was made with another tokenizer (SHA-256 {used}) than the model's ({own}): its ids mean other texts.");
        }
    }
}
