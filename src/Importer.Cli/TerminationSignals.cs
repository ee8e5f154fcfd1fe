using System.Runtime.InteropServices;

namespace Importer.Cli;

/// <summary>
/// Ctrl-C, SIGTERM and SIGHUP (a terminal that is closed) cancel what runs, so that nothing half-written stays. A second one
/// ends the process at once.
/// </summary>
internal sealed class TerminationSignals : IDisposable
{
    // SIGXFSZ: a file reached the limit of ulimit -f. Left alone it ends the process; taken, the write fails, and that is said.
    private const int FileTooLarge = 25;

    // Of the process, and never given back: one that is handled late, after the write has failed and was reported, would end it still.
    private static PosixSignalRegistration? _fileTooLarge;

    private readonly CancellationTokenSource _cancellation = new();
    private readonly PosixSignalRegistration[] _registrations;

    public TerminationSignals()
    {
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Cancel))];
        if (!OperatingSystem.IsWindows())
        {
            _fileTooLarge ??= PosixSignalRegistration.Create((PosixSignal)FileTooLarge, context => context.Cancel = true);
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _cancellation.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _cancellation.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = !_cancellation.IsCancellationRequested;
        _cancellation.Cancel();
    }
}
