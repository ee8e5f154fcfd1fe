using System.Diagnostics;
using CheckpointStorage.IO;
using CheckpointStorage.Verification;

namespace CheckpointStorage.Saving;

/// <summary>
/// One attempt to save: temporary directory, files, manifest, each flushed; the directory's names flushed; rename; the parent's
/// names flushed; everything read back. Whatever fails, nothing of it stays.
/// </summary>
internal sealed class SaveAttempt(
    StoreDirectory directory,
    ContentSnapshot content,
    IProgress<CheckpointSaveProgress>? progress,
    SavePace? pace,
    CancellationToken cancellationToken)
{
    private long _stageBytes;

    public SaveStage Stage { get; private set; } = SaveStage.Writing;

    /// <summary>The file it is at; null between files.</summary>
    public string? File { get; private set; }

    public TimeSpan WriteTime { get; private set; }

    public TimeSpan HashTime { get; private set; }

    public TimeSpan FlushTime { get; private set; }

    public TimeSpan PublishTime { get; private set; }

    public TimeSpan VerifyTime { get; private set; }

    private IStoreFileSystem Files => directory.Files;

    /// <summary>The checkpoint, durable under its name and verified.</summary>
    /// <exception cref="CheckpointDamagedException">What was read back is not what was written, or the caller's verifier refuses it.</exception>
    public async Task<CheckpointInfo> RunAsync()
    {
        string temporary = directory.At(StoreNames.NewTemporary(content.Step));
        string? published = null;
        try
        {
            CrashPoint.Reach(CrashPoint.BeforeTemporary);
            Files.CreateDirectory(temporary);
            CrashPoint.Reach(CrashPoint.AfterTemporary);
            CheckpointFileInfo[] written = await WriteFilesAsync(temporary).ConfigureAwait(false);

            long start = Enter(SaveStage.Publishing);
            string id = WriteManifest(temporary, written);
            Files.FlushDirectory(temporary);
            CrashPoint.Reach(CrashPoint.BeforeRename);
            cancellationToken.ThrowIfCancellationRequested();
            published = directory.At(id);
            Files.MoveDirectory(temporary, published);
            CrashPoint.Reach(CrashPoint.BeforeParentFlush);
            Files.FlushDirectory(directory.Path);
            CrashPoint.Reach(CrashPoint.AfterParentFlush);
            PublishTime = Stopwatch.GetElapsedTime(start);

            start = Enter(SaveStage.Verifying);
            CheckpointInfo info = await VerifyAsync(published).ConfigureAwait(false);
            VerifyTime = Stopwatch.GetElapsedTime(start);
            return info;
        }
        catch
        {
            Undo(temporary, published);
            throw;
        }
    }

    private long Enter(SaveStage stage)
    {
        (Stage, File, _stageBytes) = (stage, null, 0);
        progress?.Report(new CheckpointSaveProgress(stage, null, 0, null));
        return Stopwatch.GetTimestamp();
    }

    private void Report(int bytes, long? total)
    {
        _stageBytes += bytes;
        progress?.Report(new CheckpointSaveProgress(Stage, File, _stageBytes, total));
    }

    private async Task<CheckpointFileInfo[]> WriteFilesAsync(string temporary)
    {
        long start = Enter(SaveStage.Writing);
        List<CheckpointFileInfo> written = [];
        foreach (CheckpointFile file in content.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            File = file.Name;
            written.Add(await WriteFileAsync(temporary, file).ConfigureAwait(false));
            CrashPoint.Reach(CrashPoint.AfterFile);
        }

        File = null;
        WriteTime = Stopwatch.GetElapsedTime(start);
        return [.. written];
    }

    private async Task<CheckpointFileInfo> WriteFileAsync(string temporary, CheckpointFile file)
    {
        using IStoreFileWriter writer = Files.CreateFile(Path.Combine(temporary, file.Name));
        var stream = new HashingWriteStream(writer, count => Report(count, null), pace, cancellationToken);
        try
        {
            await file.Write(stream, cancellationToken).ConfigureAwait(false);
            CheckpointFileInfo info = stream.Complete(file.Name);
            HashTime += stream.HashTime;
            CrashPoint.Reach(CrashPoint.BeforeFileFlush);
            long start = Stopwatch.GetTimestamp();
            writer.Flush();
            FlushTime += Stopwatch.GetElapsedTime(start);
            CrashPoint.Reach(CrashPoint.AfterFileFlush);
            return info;
        }
        finally
        {
            stream.Release();
        }
    }

    private string WriteManifest(string temporary, CheckpointFileInfo[] written)
    {
        DateTimeOffset now = directory.Options.TimeProvider.GetUtcNow();
        byte[] manifest = ManifestWriter.Write(content.Manifest with { SavedAt = now, Files = written });
        CrashPoint.Reach(CrashPoint.BeforeManifest);
        if (content.Pin)
        {
            directory.WriteSmall(Path.Combine(temporary, StoreNames.PinMark), []);
        }

        directory.WriteSmall(Path.Combine(temporary, StoreNames.Manifest), manifest);
        CrashPoint.Reach(CrashPoint.AfterManifest);
        DateTimeOffset time = CheckpointName.TimeAfter(directory.NewestName(), content.Step, now);
        return new CheckpointName(content.Step, time, StoreDirectory.HashOf(manifest)).ToString();
    }

    private async Task<CheckpointInfo> VerifyAsync(string published)
    {
        CheckpointInfo info = directory.Read(published, fromDisk: true);
        long total = info.TotalBytes, start = Stopwatch.GetTimestamp();
        CheckpointProblem[] problems = CheckpointVerifier.Verify(
            Files,
            info,
            (file, count) =>
            {
                File = file;
                Report(count, total);
                pace?.Rest(start, cancellationToken);
                start = Stopwatch.GetTimestamp();
            },
            cancellationToken);
        File = null;
        if (problems.Length > 0)
        {
            throw new CheckpointDamagedException(published, problems);
        }

        if (directory.Options.Verifier is { } verifier)
        {
            try
            {
                await verifier(info, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                var problem = new CheckpointProblem(CheckpointProblemKind.Rejected, null, $"the verifier refuses it: {DisplayText.Clause(e.Message)}");
                throw new CheckpointDamagedException(published, [problem], e);
            }
        }

        return info;
    }

    private void Undo(string temporary, string? published)
    {
        directory.TryDelete(temporary);
        if (published is null)
        {
            return;
        }

        try
        {
            if (Files.Find(published) is not null)
            {
                directory.Discard(published);
            }
        }
        catch (Exception e) when (StoreErrors.IsFileSystem(e))
        {
            Log.LeftBehind(directory.Logger, published, e.Message);
        }
    }
}
