using System.Globalization;
using Importer.IO;
using PretrainedTokenizers;

namespace Importer.Training.Data;

/// <summary>
/// Tokens to train on and tokens to evaluate on, with the tokenizer they belong to: a directory that <c>import-weights prepare</c>
/// made, or a data directory of nanoGPT.
/// </summary>
/// <example>
/// <code>
/// using var data = TokenDataset.Open("data/shakespeare_char");
/// var sampler = new EpochSampler(data.Train.Count, blockSize: 256, seed: 1337);
/// var (x, y) = data.Train.ReadBatch([sampler.Offset(0), sampler.Offset(1)], blockSize: 256);
/// </code>
/// </example>
public sealed partial class TokenDataset : IDisposable
{
    private readonly string? _tokenizerSha256;

    private TokenDataset(string directory, TokenFile train, TokenFile val, Tokenizer? tokenizer, DatasetMeta? meta)
    {
        Directory = directory;
        Train = train;
        Val = val;
        Tokenizer = tokenizer;
        Meta = meta;
        _tokenizerSha256 = tokenizer is null ? null : TokenizerFingerprint.Of(tokenizer, directory);
    }

    /// <summary>The directory, as a full path.</summary>
    public string Directory { get; }

    /// <summary>What is trained on.</summary>
    public TokenFile Train { get; }

    /// <summary>What is only evaluated on; it may be empty in a prepared directory.</summary>
    public TokenFile Val { get; }

    /// <summary>The tokenizer beside the tokens; null where there is none, as in nanoGPT's directories for GPT-2's.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>The number of ids; null where nothing says it, and nanoGPT takes 50304.</summary>
    public int? VocabularySize => Meta?.VocabSize ?? Tokenizer?.VocabularySize;

    /// <summary>What a prepared directory says of itself; null for nanoGPT's.</summary>
    public DatasetMeta? Meta { get; }

    /// <summary>Opens a directory. No token is read.</summary>
    /// <param name="directory">One that has train.bin and val.bin, or that was prepared.</param>
    /// <exception cref="DatasetNotFoundException">There is no directory, or it lacks a file.</exception>
    /// <exception cref="DatasetFormatException">A file is damaged, or contradicts another.</exception>
    /// <exception cref="TokenizerException">The tokenizer's files are broken.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static TokenDataset Open(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        directory = Path.GetFullPath(directory);
        var kind = FileFacts.Of(directory).Kind;
        if (kind != FileKind.Directory)
        {
            throw new DatasetNotFoundException(
                directory, kind == FileKind.Missing ? "there is no such directory" : "it is no directory",
                "Give a directory with train.bin and val.bin; import-weights prepare makes one of a text.");
        }

        var meta = DatasetMetaFile.Read(directory);
        var dtype = meta?.DType == TokenDType.U32.Name() ? TokenDType.U32 : TokenDType.U16;
        string train = Path.Combine(directory, dtype.FileName("train")), val = Path.Combine(directory, dtype.FileName("val"));
        string[] missing = [.. new[] { train, val }.Where(path => !RegularFile.Exists(path)).Select(path => Path.GetFileName(path))];
        if (missing.Length > 0)
        {
            throw new DatasetNotFoundException(
                directory, $"there is no {string.Join(" and no ", missing)}", "Make them of a text with import-weights prepare, or with nanoGPT's prepare.py.", missing);
        }

        var files = new List<TokenFile>();
        try
        {
            files.Add(TokenFile.Open(train, dtype));
            files.Add(TokenFile.Open(val, dtype));
            var dataset = new TokenDataset(directory, files[0], files[1], ReadTokenizer(directory, meta), meta);
            dataset.Check();
            if (dataset.VocabularySize is { } size)
            {
                dataset.LimitTo(size);
            }

            return dataset;
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Whether a directory looks like one that <see cref="Open"/> takes.</summary>
    internal static bool IsDataset(string directory) =>
        new[] { TokenDType.U16, TokenDType.U32 }.Any(dtype => File.Exists(Path.Combine(directory, dtype.FileName("train"))));

    /// <summary>Says how many ids the model has, so that data of another tokenizer is noticed where it is read.</summary>
    /// <param name="vocabularySize">Rows of the model's token embedding.</param>
    /// <exception cref="DatasetFormatException">The data's own vocabulary is larger.</exception>
    public void LimitTo(int vocabularySize)
    {
        if (VocabularySize is { } own && own > vocabularySize)
        {
            throw new DatasetFormatException(
                Directory,
                [string.Create(CultureInfo.InvariantCulture, $"its tokenizer has {own:N0} ids, and the model {vocabularySize:N0}")],
                "Prepare the data with the model's tokenizer (import-weights prepare SOURCE --out DIR --tokenizer MODEL).");
        }

        Train.LimitTo(vocabularySize);
        Val.LimitTo(vocabularySize);
    }

    /// <summary>What must not change while a run is interrupted. Both files are read in full.</summary>
    /// <param name="progress">Told how many bytes were read so far.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="DatasetFormatException">A file is not what a prepared directory's meta.json says.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public DatasetFingerprint ComputeFingerprint(IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        long done = 0;
        string train = Hash(Train, Meta?.Train), val = Hash(Val, Meta?.Val);
        return new DatasetFingerprint(Train.DType.Name(), Train.Count, train, Val.Count, val, _tokenizerSha256, Meta?.SplitRule);

        string Hash(TokenFile file, DatasetSplit? said)
        {
            string sha256 = FileHash.Sha256(file.Path, bytes => progress?.Report(done += bytes), cancellationToken);
            return said is null || said.Sha256 == sha256
                ? sha256
                : throw new DatasetFormatException(
                    file.Path, [$"its SHA-256 is {sha256}, and {DatasetMeta.FileName} says {said.Sha256}"], "It was changed or damaged: prepare the data again.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        Val.Dispose();
    }

    private static Tokenizer? ReadTokenizer(string directory, DatasetMeta? meta)
    {
        try
        {
            return Tokenizer.FromDirectory(directory);
        }
        catch (TokenizerNotFoundException) when (meta is null)
        {
            return null;
        }
    }

    private void Check()
    {
        var problems = new List<string>();
        if (Train.Count == 0)
        {
            problems.Add($"{Path.GetFileName(Train.Path)} is empty");
        }

        if (Val.Count == 0 && Meta is not { Val.Tokens: 0 })
        {
            problems.Add($"{Path.GetFileName(Val.Path)} is empty");
        }

        if (Meta is not null)
        {
            Compare(Train, Meta.Train);
            Compare(Val, Meta.Val);
            if (Tokenizer is not null && _tokenizerSha256 != Meta.Tokenizer.Sha256)
            {
                problems.Add($"the tokenizer is not the one that {DatasetMeta.FileName} names");
            }
        }

        if (problems.Count > 0)
        {
            throw new DatasetFormatException(Directory, problems, "It was changed or damaged: prepare the data again.");
        }

        void Compare(TokenFile file, DatasetSplit said)
        {
            if (file.Count != said.Tokens)
            {
                problems.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{Path.GetFileName(file.Path)} has {file.Count:N0} tokens, and {DatasetMeta.FileName} says {said.Tokens:N0}"));
            }
        }
    }
}
