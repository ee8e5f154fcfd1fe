using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using PretrainedTokenizers;

namespace Importer.Training.Data;

public sealed partial class TokenDataset
{
    private const int KeyLength = 16;

    /// <summary>
    /// Opens whatever can be trained on: a directory of tokens as <see cref="Open"/> does; a text, JSON lines or a directory of them
    /// after tokenising it the first time.
    /// </summary>
    /// <remarks>
    /// The tokens of a text are kept in a directory that is named by what they are made of (text, tokenizer and split). So they are made
    /// once, an interrupted making leaves nothing, and a text that changes gets tokens beside the old ones, with which an interrupted run
    /// can still be finished.
    /// </remarks>
    /// <param name="data">The directory or file.</param>
    /// <param name="cacheDirectory">Where the tokens of texts are kept, such as <c>data</c> in the run's directory; made if need be.</param>
    /// <param name="options">How a text becomes tokens; null for the defaults. A directory of tokens needs none.</param>
    /// <param name="cancellationToken">Stops it; nothing half-made is left.</param>
    /// <exception cref="ArgumentException">The tokens would be kept among the texts.</exception>
    /// <exception cref="TrainingDataException">There is no data, or it is damaged; all that <see cref="DatasetPreparer"/> says.</exception>
    /// <exception cref="TokenizerException">The tokenizer cannot encode the text.</exception>
    /// <exception cref="IOException">Something cannot be read or written.</exception>
    public static Task<TokenDataset> OpenAsync(
        string data, string cacheDirectory, PrepareOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(data);
        ArgumentException.ThrowIfNullOrEmpty(cacheDirectory);
        options ??= new PrepareOptions();
        options.Validate();
        return Task.Run(
            async () =>
            {
                // What has a meta.json of ours or one of nanoGPT's files is meant to be tokens, so its errors are theirs.
                if (System.IO.Directory.Exists(data) && (IsDataset(data) || DatasetMetaFile.Read(data) is not null))
                {
                    return Open(data);
                }

                DatasetPreparer.RefuseWithin(data, cacheDirectory);
                var corpus = Corpus.Open(data, options.TextField, options.ReplaceInvalid);
                var scan = DatasetPreparer.Scan(corpus, options, cancellationToken);
                string directory = Path.Combine(Path.GetFullPath(cacheDirectory), Key(new DatasetWriter(corpus, scan, options, cacheDirectory).Describe()));
                var result = await DatasetPreparer.WriteAsync(corpus, scan, directory, options, Stopwatch.StartNew(), cancellationToken).ConfigureAwait(false);
                return Open(result.Directory);
            },
            cancellationToken);
    }

    private static string Key(DatasetMeta meta) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        FormattableString.Invariant($"{meta.Format}\n{meta.Source.Sha256}\n{meta.Source.Field}\n{meta.Tokenizer.Sha256}\n{meta.Tokenizer.Eos}\n{meta.SplitRule}"))))[..KeyLength];
}
