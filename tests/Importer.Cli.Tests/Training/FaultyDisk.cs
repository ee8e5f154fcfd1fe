using System.Diagnostics;
using System.Globalization;

namespace Importer.Cli.Tests.Training;

/// <summary>Makes a process's calls to the disk fail, by a library that is loaded before libc; built of faults.c where there is a compiler.</summary>
internal static class FaultyDisk
{
    private static readonly Lazy<string?> Library = new(Build);

    /// <summary>The variables of a process whose calls fail.</summary>
    /// <param name="call">fsync, write, read or rename.</param>
    /// <param name="path">A text in the path.</param>
    /// <param name="first">From which such call on.</param>
    /// <param name="times">How many fail.</param>
    /// <param name="error">The number of the error.</param>
    /// <param name="sleep">Seconds to wait instead of failing.</param>
    public static (string Name, string Value)[] Variables(string call, string path, int first, int times, int error, int sleep = 0)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "LD_PRELOAD");
        Skip.If(Library.Value is null, "no C compiler");
        return
        [
            ("LD_PRELOAD", Library.Value), ("FAULT_CALL", call), ("FAULT_PATH", path), ("FAULT_FIRST", Text(first)), ("FAULT_TIMES", Text(times)),
            ("FAULT_ERROR", Text(error)), ("FAULT_SLEEP", Text(sleep)),
        ];

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static string? Build()
    {
        string library = Path.Combine(AppContext.BaseDirectory, "faults.so");
        string source = Path.Combine(AppContext.BaseDirectory, "Training", "faults.c");
        foreach (string compiler in new[] { "cc", "gcc", "clang" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(compiler, ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"]) { RedirectStandardError = true })!;
                string error = process.StandardError.ReadToEnd();
                process.WaitForExit();
                Assert.True(process.ExitCode == 0, error);
                return library;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not this one.
            }
        }

        return null;
    }
}
