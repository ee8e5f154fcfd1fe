using System.Reflection;
using Importer.IO;
using Importer.Sources;
using PretrainedTokenizers;

namespace Importer.Training.Data;

/// <summary>Writes everything that a prepared directory holds into a staging directory.</summary>
internal sealed class DatasetWriter
{
    private const string CharMeta = "meta.pkl";

    // As the model was trained: its runs of spaces are one token where its tokenizer has them, and a text that says <|endoftext|> only says so.
    private static readonly EncodeOptions Encoding = new() { AddedTokens = AddedTokenHandling.SpecialAsText, AddSpecialTokens = false };

    private static readonly string Tool = $"import-weights {typeof(DatasetWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";

    private readonly Corpus _corpus;
    private readonly CorpusScan _scan;
    private readonly PrepareOptions _options;
    private readonly Tokenizer _tokenizer;
    private readonly string _staging;

    /// <param name="corpus">The text.</param>
    /// <param name="scan">What its first reading found.</param>
    /// <param name="options">How it is split.</param>
    /// <param name="staging">The directory to write to.</param>
    public DatasetWriter(Corpus corpus, CorpusScan scan, PrepareOptions options, string staging)
    {
        _corpus = corpus;
        _scan = scan;
        _options = options;
        _tokenizer = scan.Characters ?? options.Tokenizer.Tokenizer!;
        _staging = staging;
    }

    /// <summary>Whether a file of that name is one that a preparation writes.</summary>
    public static bool IsOwn(string name) =>
        name is "train.bin" or "val.bin" or "train.uint32.bin" or "val.uint32.bin" or DatasetMeta.FileName || ModelDirectory.TokenizerNames.Contains(name);

    /// <summary>How a corpus is split, in words.</summary>
    public static string SplitRule(Corpus corpus, double valFraction) => FormattableString.Invariant(
        $"{(corpus.HasDocuments && valFraction > 0 ? "all documents but the last that begin in the first" : "the first")} {1 - valFraction} of the characters are for training");

    /// <summary>The description that a directory of this text and these options has, but for its tokens.</summary>
    public DatasetMeta Describe() => new()
    {
        Format = DatasetMeta.CurrentFormat,
        Tool = Tool,
        VocabSize = _tokenizer.VocabularySize,
        DType = DType.Name(),
        Tokenizer = new DatasetTokenizer(
            TokenizerFingerprint.KindOf(_tokenizer), TokenizerFingerprint.Of(_tokenizer, _options.Tokenizer.Directory), _corpus.HasDocuments ? _tokenizer.EosId : null),
        Train = new DatasetSplit(0, ""),
        Val = new DatasetSplit(0, ""),
        SplitRule = SplitRule(_corpus, _options.ValFraction),
        Source = _scan.Source,
        Itos = (_tokenizer as CharTokenizer)?.Characters.Select((rune, id) => (rune, id)).ToDictionary(pair => FormattableString.Invariant($"{pair.id}"), pair => pair.rune.ToString()),
        Stoi = (_tokenizer as CharTokenizer)?.Characters.Select((rune, id) => (rune, id)).ToDictionary(pair => pair.rune.ToString(), pair => pair.id),
    };

    /// <summary>Writes all files, flushed, the description last.</summary>
    /// <exception cref="SourceChangedException">The text is no longer what the first reading found.</exception>
    public DatasetMeta Write(Action<long> progress, CancellationToken cancellationToken)
    {
        var (train, val) = WriteTokens(progress, cancellationToken);
        foreach (string name in _options.Tokenizer.Files)
        {
            using var from = RegularFile.Open(Path.Combine(_options.Tokenizer.Directory!, name));
            using var to = File.OpenHandle(Path.Combine(_staging, name), FileMode.CreateNew, FileAccess.Write, FileShare.None);
            FileHash.Copy(from, to, cancellationToken);
            DurableFileSystem.FlushFile(to);
        }

        if (_tokenizer is CharTokenizer characters)
        {
            characters.Save(Path.Combine(_staging, CharMeta));
        }

        var meta = Describe() with { Train = train, Val = val };
        using var stream = new FileStream(Path.Combine(_staging, DatasetMeta.FileName), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(DatasetMetaFile.Write(meta));
        stream.Flush();
        DurableFileSystem.FlushFile(stream.SafeFileHandle);
        return meta;
    }

    private TokenDType DType => TokenDTypes.For(_tokenizer.VocabularySize);

    private (DatasetSplit Train, DatasetSplit Val) WriteTokens(Action<long> progress, CancellationToken cancellationToken)
    {
        using var pass = new TextPass(progress, cancellationToken);
        using var train = new TokenWriter(Path.Combine(_staging, DType.FileName("train")), DType);
        using var val = new TokenWriter(Path.Combine(_staging, DType.FileName("val")), DType);
        long cut = (long)(_scan.Source.Characters * (1 - _options.ValFraction));
        if (_corpus.HasDocuments)
        {
            int[] separator = _tokenizer.EosId is { } end ? [end] : _tokenizer.Encode(CorpusScan.Separator, Encoding);
            long at = 0, left = _scan.Source.Documents;
            foreach (var document in _corpus.Documents(pass))
            {
                // Something to evaluate on there shall be, however long the last document is.
                bool isVal = _options.ValFraction > 0 && (at >= cut || left == 1);
                left--;
                var writer = isVal ? val : train;
                var counted = new CountingReader(document);
                Encode(counted, writer);
                writer.Write(separator);
                at += counted.CodePoints;
            }
        }
        else
        {
            foreach (var text in _corpus.Documents(pass))
            {
                Encode(new PartReader(text, cut), train);
                Encode(text, val);
            }
        }

        return pass.Sha256(_corpus.IsDirectory) == _scan.Source.Sha256
            ? (train.Finish(), val.Finish())
            : throw new SourceChangedException(_corpus.Path, [_corpus.Name]);
    }

    private void Encode(TextReader text, TokenWriter writer)
    {
        foreach (var block in _tokenizer.EncodeBlocks(text, Encoding))
        {
            writer.Write(block.Ids.Span);
        }
    }
}
