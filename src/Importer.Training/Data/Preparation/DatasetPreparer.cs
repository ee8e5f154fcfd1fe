using System.Diagnostics;
using Importer.IO;
using PretrainedTokenizers;

namespace Importer.Training.Data;

/// <summary>Tokenises text into a directory that training reads, whole or not at all, in memory that does not grow with the text.</summary>
/// <remarks>
/// <para>
/// A text file is one text: its two parts are encoded each by itself, with no token added, so that train.bin and val.bin are byte for
/// byte what nanoGPT's data/shakespeare_char and data/shakespeare prepare.py write. As there, every ending of a line becomes <c>\n</c>.
/// </para>
/// <para>
/// The objects of JSON lines and the files of a directory (sorted by name, .txt, .text, .md, .jsonl, .ndjson) are documents: each is
/// followed by the tokenizer's end of text, or, where it has none, by a line break; and each is either trained on or evaluated on.
/// </para>
/// </remarks>
public static class DatasetPreparer
{
    private const long Overhead = 4 << 20; // the tokenizer's files, the description and the file system's own bookkeeping

    /// <summary>Prepares a text, unless that was done already.</summary>
    /// <param name="source">A file of text in UTF-8, a file of JSON lines (.jsonl), or a directory of such files.</param>
    /// <param name="directory">The directory to make. Prepared data of the same text in it is left as it is if it is intact, and made anew
    /// if it is damaged.</param>
    /// <param name="options">The tokenizer and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops within a block; nothing is left behind.</param>
    /// <exception cref="ArgumentException">The directory lies among the texts.</exception>
    /// <exception cref="DatasetNotFoundException">There is no text.</exception>
    /// <exception cref="InvalidTextException">The text is no valid Unicode, or a line is no JSON.</exception>
    /// <exception cref="DatasetExistsException">The directory holds something else.</exception>
    /// <exception cref="DatasetFormatException">Nothing would be left to train or to evaluate on.</exception>
    /// <exception cref="TokenizerException">The text has what the vocabulary lacks, or a word too long to be encoded.</exception>
    /// <exception cref="SourceChangedException">The text changed meanwhile.</exception>
    /// <exception cref="DiskSpaceException">The disk has too little room.</exception>
    /// <exception cref="IOException">Something cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be read or written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<PrepareResult> PrepareAsync(
        string source, string directory, PrepareOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new PrepareOptions();
        options.Validate();
        return Task.Run(
            async () =>
            {
                var watch = Stopwatch.StartNew();
                string target = ThroughLink(Path.GetFullPath(directory).TrimEnd(Path.DirectorySeparatorChar));
                RefuseWithin(source, target);
                ExistingDataset.Inspect(target); // what is refused whatever the text is, is refused before it is read
                var corpus = Corpus.Open(source, options.TextField, options.ReplaceInvalid);
                var scan = Scan(corpus, options, cancellationToken);
                return await WriteAsync(corpus, scan, target, options, watch, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>The first reading.</summary>
    internal static CorpusScan Scan(Corpus corpus, PrepareOptions options, CancellationToken cancellationToken)
    {
        var scan = CorpusScan.Of(
            corpus, options.Tokenizer.Tokenizer is null,
            bytes => options.Progress?.Report(new PrepareProgress(PreparePhase.Reading, bytes, Math.Max(bytes, corpus.TotalBytes))), cancellationToken);
        return scan.Source.Characters > 0
            ? scan
            : throw new DatasetFormatException(corpus.Path, ["there is no text in it"], "Give a text to train on.");
    }

    /// <summary>The second reading, which writes.</summary>
    internal static async Task<PrepareResult> WriteAsync(
        Corpus corpus, CorpusScan scan, string target, PrepareOptions options, Stopwatch watch, CancellationToken cancellationToken)
    {
        // Looked at before the lock is taken, which writes: data that is there is used from a read-only disk, too.
        if (UpToDate(out _) is { } done)
        {
            return done;
        }

        using var staged = await StagedDirectory.CreateAsync(target, new StagedDirectoryOptions
        {
            IsOwn = DatasetWriter.IsOwn,
            Waiting = () => options.Progress?.Report(new PrepareProgress(PreparePhase.Waiting, 0, 0)),
        }, cancellationToken).ConfigureAwait(false);
        if (UpToDate(out bool replaces) is { } doneMeanwhile)
        {
            return doneMeanwhile;
        }

        var meta = Write(new DatasetWriter(corpus, scan, options, staged.Path), corpus, scan, staged.Path, target, options, cancellationToken);
        Require(corpus, meta, options);
        cancellationToken.ThrowIfCancellationRequested();
        var notes = Notes(corpus);
        if (staged.Publish() is { } kept)
        {
            notes.Add($"files were put there meanwhile; they are kept in {kept}");
        }

        return new PrepareResult(replaces ? PrepareOutcome.Replaced : PrepareOutcome.Prepared, target, meta, notes, watch.Elapsed);

        PrepareResult? UpToDate(out bool replaces)
        {
            var existing = ExistingDataset.Inspect(target);
            var differences = existing.Differences(new DatasetWriter(corpus, scan, options, target).Describe());
            replaces = existing.Meta is not null || differences.Count > 0;
            if (existing.Meta is not null && differences.Count > 0 && !options.Force)
            {
                throw new DatasetExistsException(target, differences, "It was left as it is. Use --force to replace it, or --out to prepare elsewhere.");
            }

            return existing.Meta is { } meta && differences.Count == 0 && IsIntact(target, cancellationToken)
                ? new PrepareResult(PrepareOutcome.UpToDate, target, meta, Notes(corpus), watch.Elapsed)
                : null;
        }
    }

    /// <summary>Refuses to write among the texts: what is written would be read as text the next time.</summary>
    /// <exception cref="ArgumentException">The directory lies in the source.</exception>
    internal static void RefuseWithin(string source, string directory)
    {
        string within = Path.GetRelativePath(source, Path.GetFullPath(directory));
        if (Directory.Exists(source) && !Path.IsPathRooted(within) && within.Split(Path.DirectorySeparatorChar)[0] != "..")
        {
            throw new ArgumentException(
                $"{DisplayText.Escape(directory)} lies in the directory of the texts, where it would be read as text the next time. Choose a directory outside of {DisplayText.Escape(source)}.");
        }
    }

    // The directory that a link points to is what is checked and replaced; the link stays.
    private static string ThroughLink(string target)
    {
        if (new DirectoryInfo(target).LinkTarget is null || Directory.ResolveLinkTarget(target, returnFinalTarget: true) is not { } end)
        {
            return target;
        }

        return FileFacts.Of(end.FullName).Kind != FileKind.Missing
            ? end.FullName
            : throw new DatasetExistsException(
                target, [$"it is a symbolic link to {end.FullName}, where there is nothing"], "Remove the link, or make the directory it points to.");
    }

    private static DatasetMeta Write(
        DatasetWriter writer, Corpus corpus, CorpusScan scan, string staging, string target, PrepareOptions options, CancellationToken cancellationToken)
    {
        // Characters become tokens one to one; of other tokens nobody knows the number before.
        long needed = (scan.Characters is { } characters ? scan.Source.Characters * TokenDTypes.For(characters.VocabularySize).Size() : 0) + Overhead;
        DiskSpace.Require(staging, needed, target);
        try
        {
            return writer.Write(
                bytes => options.Progress?.Report(new PrepareProgress(PreparePhase.Encoding, bytes, Math.Max(bytes, corpus.TotalBytes))), cancellationToken);
        }
        catch (IOException e) when (DiskSpace.IsExhausted(e))
        {
            throw new DiskSpaceException(target, needed, null, e);
        }
    }

    private static void Require(Corpus corpus, DatasetMeta meta, PrepareOptions options)
    {
        if (meta.Train.Tokens == 0 || (meta.Val.Tokens == 0 && options.ValFraction > 0))
        {
            throw new DatasetFormatException(
                corpus.Path, [$"there is too little text: nothing is left {(meta.Train.Tokens == 0 ? "to train on" : "to evaluate on")}"],
                "Give more text or more documents, or prepare it with another --val-fraction (0 for none).");
        }
    }

    private static bool IsIntact(string directory, CancellationToken cancellationToken)
    {
        try
        {
            using var dataset = TokenDataset.Open(directory);
            dataset.ComputeFingerprint(null, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is TrainingDataException or TokenizerException)
        {
            return false;
        }
    }

    private static List<string> Notes(Corpus corpus) => corpus.FilesIgnored == 0
        ? []
        : [$"{corpus.FilesIgnored} files of the directory are no text by their names and were passed over"];
}
