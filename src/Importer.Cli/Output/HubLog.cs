using Microsoft.Extensions.Logging;

namespace Importer.Cli.Output;

/// <summary>
/// What the hub's client has to say while it works, one line each on standard error: a copy from the cache instead of the
/// hub's, a wait that the hub asks for, a file that arrived damaged, another download that is waited for.
/// </summary>
internal sealed class HubLog(TextWriter error, bool show) : ILoggerFactory, ILogger
{
    private readonly Lock _lock = new();
    private Action<string> _write = error.WriteLine;

    /// <summary>Writes to another place until what is returned is disposed.</summary>
    public IDisposable WriteTo(Action<string> write)
    {
        lock (_lock)
        {
            var before = _write;
            _write = write;
            return new Restore(this, before);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The command line writes its log itself.");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => show && logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // Of what goes well only that for which a person would otherwise wonder why nothing moves.
        bool isNote = logLevel == LogLevel.Information && eventId.Name == "WaitingForLock";
        if (!IsEnabled(logLevel) || (logLevel < LogLevel.Warning && !isNote))
        {
            return;
        }

        lock (_lock)
        {
            _write($"{(isNote ? "note" : "warning")}: {formatter(state, exception)}");
        }
    }

    public void Dispose()
    {
    }

    private sealed class Restore(HubLog log, Action<string> before) : IDisposable
    {
        public void Dispose()
        {
            lock (log._lock)
            {
                log._write = before;
            }
        }
    }
}
