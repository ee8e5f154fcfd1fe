using System.Diagnostics;
using Importer.Conversion;
using Importer.IO;
using Importer.Transfer;

namespace Importer.Export;

/// <summary>Carries out a recipe: everything is checked, then written beside the place, then moved there.</summary>
internal sealed class ExportJob
{
    // Room for headers, configuration and the file system's own bookkeeping.
    private const long Overhead = 1 << 20;

    private readonly ExportRecipe _recipe;
    private readonly ExportPlace _place;
    private readonly ExportOptions _options;

    public ExportJob(ExportRecipe recipe, ExportPlace place, ExportOptions options)
    {
        _recipe = recipe;
        _place = place;
        _options = options;
    }

    /// <summary>What the job would do.</summary>
    public ExportPreview Preview() => new(
        _recipe.Source.Label, _place.Path, _options.Format, _recipe.FileNames, _recipe.Plan, _recipe.ParameterCount, _recipe.Notes,
        RowStream.PeakBytes(_recipe.Plan.Rows) + ImportWriter.BufferBytes + (_recipe.Source.Plan is { } plan ? ParameterSource.PeakBytes(plan) : 0))
    {
        BytesToWrite = _recipe.TensorBytes,
    };

    /// <summary>Does it.</summary>
    /// <param name="watch">Started with the caller's work.</param>
    /// <param name="verifySource">Called when all is written, to see whether the source held still.</param>
    /// <param name="cancellationToken">Stops within a block; nothing is left behind.</param>
    public async Task<ExportResult> RunAsync(Stopwatch watch, Action? verifySource, CancellationToken cancellationToken)
    {
        // Looked at before anything is read or locked, and again when nobody else can write there.
        _place.Require(_recipe.Source.Path, _options.Force);
        Check(cancellationToken);
        using var staged = await StagedDirectory.CreateAsync(_place.Target, new StagedDirectoryOptions
        {
            IsOwn = ExportedNames.Contains,
            Waiting = () => Report(ExportPhase.Waiting, 0, 0),
        }, cancellationToken).ConfigureAwait(false);
        var outcome = _place.Require(_recipe.Source.Path, _options.Force);
        Write(staged.Path, cancellationToken);
        verifySource?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        ExportedFile[] files =
        [
            .. Directory.EnumerateFiles(staged.Path).Select(path => new ExportedFile(Path.GetFileName(path), RegularFile.Length(path)))
                .OrderBy(file => file.Name, StringComparer.Ordinal),
        ];
        string[] kept = staged.Publish() is { } old ? [$"Files were put there during the export; they are kept in {old}."] : [];
        return new ExportResult(
            outcome, _place.Path, _options.Format, files, _recipe.Plan, _recipe.ParameterCount, [.. kept, .. _recipe.Notes], watch.Elapsed);
    }

    private void Check(CancellationToken cancellationToken)
    {
        var source = _recipe.Source;
        long range = RangeCheck.BytesToRead(_recipe.Plan), done = 0, total = range;
        if (source.Plan is { } plan)
        {
            TiedWeights.Verify(plan, source.Checkpoint!, (ties, more) => Report(ExportPhase.Checking, done += more, total = range + ties), cancellationToken);
        }

        RangeCheck.Require(_recipe.Plan, _recipe.Parameters, source.Label, more => Report(ExportPhase.Checking, done += more, total), cancellationToken);
    }

    private void Write(string staging, CancellationToken cancellationToken)
    {
        long needed = _recipe.BytesToWrite + Overhead, total = _recipe.TensorBytes;
        DiskSpace.Require(staging, needed, _place.Path);
        try
        {
            using var rows = new RowStream(_recipe.Parameters);
            _recipe.Write(staging, rows, bytes => Report(ExportPhase.Writing, bytes, Math.Max(total, bytes)), cancellationToken);
        }
        catch (IOException e) when (DiskSpace.IsExhausted(e))
        {
            throw new DiskSpaceException(_place.Path, needed, null, e);
        }
    }

    private void Report(ExportPhase phase, long done, long total) => _options.Progress?.Report(new ExportProgress(phase, done, total));
}
