namespace Importer.Training.Data;

/// <summary>What must not change while a run is interrupted: recorded in its checkpoints, compared when it goes on.</summary>
/// <param name="DType">How tokens are stored.</param>
/// <param name="TrainTokens">Tokens that are trained on.</param>
/// <param name="TrainSha256">The SHA-256 of their file.</param>
/// <param name="ValTokens">Tokens that are evaluated on.</param>
/// <param name="ValSha256">The SHA-256 of their file.</param>
/// <param name="Tokenizer">The tokenizer's <see cref="TokenizerFingerprint"/>; null where the directory has none, as nanoGPT's for GPT-2.</param>
/// <param name="SplitRule">How train and val were split; null where the directory does not say.</param>
public sealed record DatasetFingerprint(
    string DType, long TrainTokens, string TrainSha256, long ValTokens, string ValSha256, string? Tokenizer, string? SplitRule)
{
    /// <summary>What differs from another fingerprint, each in a few words; empty where nothing does.</summary>
    /// <param name="recorded">What was recorded.</param>
    public IReadOnlyList<string> Differences(DatasetFingerprint recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        var found = new List<string>();
        Compare("tokens for training", recorded.TrainTokens, TrainTokens);
        Compare("tokens for evaluation", recorded.ValTokens, ValTokens);
        if (recorded.TrainTokens == TrainTokens)
        {
            Compare("content of the training data (SHA-256)", recorded.TrainSha256, TrainSha256);
        }

        if (recorded.ValTokens == ValTokens)
        {
            Compare("content of the evaluation data (SHA-256)", recorded.ValSha256, ValSha256);
        }

        Compare("dtype", recorded.DType, DType);
        Compare("tokenizer (SHA-256)", recorded.Tokenizer, Tokenizer);
        Compare("split", recorded.SplitRule, SplitRule);
        return found;

        void Compare<T>(string what, T was, T now)
        {
            if (!EqualityComparer<T>.Default.Equals(was, now))
            {
                found.Add(FormattableString.Invariant($"{what}: was {Shown(was)}, is {Shown(now)}"));
            }
        }

        static string Shown<T>(T value) => FormattableString.Invariant($"{value}") is { Length: > 0 } text ? DisplayText.Escape(text) : "none";
    }
}
