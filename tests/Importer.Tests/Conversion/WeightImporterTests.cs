using Importer.Conversion;
using Microsoft.Extensions.Logging;
using Tests.Shared;

namespace Importer.Tests.Conversion;

/// <summary>What only a caller in the same process can bring about: something happens in the middle of an import.</summary>
public sealed class WeightImporterTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("model.safetensors", "touch")]
    [InlineData("model.safetensors", "replace")]
    [InlineData("config.json", "touch")]
    [InlineData("config.json", "append")]
    [InlineData("generation_config.json", "delete")]
    public async Task A_source_that_changes_meanwhile_is_not_taken(string name, string change)
    {
        string source = _directory.CopyFixture("tiny-gpt2"), path = Path.Combine(source, name);
        bool changed = false;
        var progress = new Told(ImportPhase.Converting, () =>
        {
            if (changed)
            {
                return;
            }

            changed = true;
            switch (change)
            {
                case "touch": File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch); break;
                case "append": File.AppendAllText(path, "\n"); break;
                case "delete": File.Delete(path); break;
                default:
                    File.Copy(path, path + ".tmp");
                    File.SetLastWriteTimeUtc(path + ".tmp", File.GetLastWriteTimeUtc(path));
                    File.Move(path + ".tmp", path, overwrite: true);
                    break;
            }
        });

        var error = await Assert.ThrowsAnyAsync<Exception>(() => WeightImporter.ImportAsync(source, _directory["out"], new ImportOptions { Progress = progress }));

        Assert.True(changed);
        Assert.True(error is SourceChangedException or FileNotFoundException, error.ToString());
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["out"]));
    }

    [Fact]
    public async Task Whoever_holds_the_lock_is_waited_for()
    {
        Directory.CreateDirectory(_directory["out"]);
        var theLock = new FileStream(_directory["out", ".tiny-gpt2.lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var waits = new TaskCompletionSource();
        var import = WeightImporter.ImportAsync(
            Repository.Fixture("tiny-gpt2"), _directory["out"], new ImportOptions { Progress = new Told(ImportPhase.Waiting, () => waits.TrySetResult()) });

        Assert.Same(waits.Task, await Task.WhenAny(waits.Task, import));
        Assert.Equal([_directory["out", ".tiny-gpt2.lock"]], Directory.GetFileSystemEntries(_directory["out"]));
        await theLock.DisposeAsync();

        Assert.Equal(ImportOutcome.Imported, (await import).Outcome);
        Assert.Equal([_directory["out", "tiny-gpt2"]], Directory.GetFileSystemEntries(_directory["out"]));
    }

    [Fact]
    public async Task What_another_process_made_while_it_was_waited_for_is_seen()
    {
        await WeightImporter.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory["made"]);
        Directory.CreateDirectory(_directory["out"]);
        var theLock = new FileStream(_directory["out", ".tiny-gpt2.lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var progress = new Told(ImportPhase.Waiting, () =>
        {
            Directory.Move(_directory["made", "tiny-gpt2"], _directory["out", "tiny-gpt2"]);
            theLock.Dispose();
        });

        var result = await WeightImporter.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory["out"], new ImportOptions { Progress = progress });

        Assert.Equal(ImportOutcome.UpToDate, result.Outcome);
    }

    [Fact]
    public async Task A_logger_is_told_what_was_done_and_what_was_odd()
    {
        var logger = new Lines();
        var options = new ImportOptions { Logger = logger };
        await WeightImporter.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory["out"], options);
        await WeightImporter.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory["out"], options);
        File.Delete(_directory["out", "tiny-gpt2", "config.json"]);
        await WeightImporter.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory["out"], options);

        Assert.Equal(
            [LogLevel.Information, LogLevel.Information, LogLevel.Warning, LogLevel.Information], logger.Told.Select(line => line.Level));
        Assert.Contains($"{ImportOutcome.Imported} {_directory["out", "tiny-gpt2"]} in ", logger.Told[0].Text, StringComparison.Ordinal);
        Assert.StartsWith($"{ImportOutcome.UpToDate} ", logger.Told[1].Text, StringComparison.Ordinal);
        Assert.Contains("config.json was missing", logger.Told[2].Text, StringComparison.Ordinal);
    }

    private sealed class Lines : ILogger
    {
        public List<(LogLevel Level, string Text)> Told { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Told.Add((logLevel, formatter(state, exception)));
    }

    private sealed class Told(ImportPhase phase, Action action) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value)
        {
            if (value.Phase == phase)
            {
                action();
            }
        }
    }
}
