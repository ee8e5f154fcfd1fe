using System.Diagnostics;
using System.Globalization;

namespace Importer.Bench;

/// <summary>A process that does one step for each line it is sent, and answers each with its figures.</summary>
internal sealed class SteppedProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _error;

    public SteppedProcess(string program, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _error = _process.StandardError.ReadToEndAsync();
    }

    public double[] Step()
    {
        _process.StandardInput.WriteLine();
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The process ended: {_error.Result}");
        return [.. line.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
