using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Importer.Training.Events;

/// <summary>Writes a TensorBoard event file of scalars; needs neither TensorFlow nor Python.</summary>
/// <example>
/// <code>
/// using var writer = TensorBoardWriter.Create("out/tensorboard");
/// writer.Write(step: 1, ("loss/train", 4.2), ("lr", 6e-4));
/// </code>
/// </example>
public sealed class TensorBoardWriter : IDisposable
{
    private const string Prefix = "events.out.tfevents.";

    private readonly SafeFileHandle _handle;
    private readonly TimeProvider _time;
    private long _length;

    private TensorBoardWriter(string path, SafeFileHandle handle, TimeProvider time)
    {
        Path = path;
        _handle = handle;
        _time = time;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Makes a new event file, which TensorBoard reads after those that are there.</summary>
    /// <param name="directory">Where; made where it is not there.</param>
    /// <param name="purgeStep">From this step on TensorBoard forgets what earlier files have; null to forget nothing.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static TensorBoardWriter Create(string directory, long? purgeStep = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentOutOfRangeException.ThrowIfNegative(purgeStep ?? 0, nameof(purgeStep));
        time ??= TimeProvider.System;
        Directory.CreateDirectory(directory);
        // TensorBoard reads files in the order of their names, whatever the clock says.
        long second = Math.Max(time.GetUtcNow().ToUnixTimeSeconds(), LastSecond(directory) + 1);
        string host = string.Concat(Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? c : '_'));
        string path = System.IO.Path.Combine(
            System.IO.Path.GetFullPath(directory), string.Create(CultureInfo.InvariantCulture, $"{Prefix}{second:0000000000}.{host}.{Environment.ProcessId}.0"));
        var writer = new TensorBoardWriter(path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete), time);
        try
        {
            writer.Append(EventMessage.FileVersion(writer.Now(), purgeStep ?? 0));
            if (purgeStep is { } step)
            {
                writer.Append(EventMessage.SessionStart(writer.Now(), step));
            }

            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Whether a directory has event files.</summary>
    internal static bool HasFiles(string directory) => Directory.Exists(directory) && Directory.EnumerateFiles(directory, Prefix + "*").Any();

    /// <summary>Writes the values of a step, whole and at once.</summary>
    /// <param name="step">The step.</param>
    /// <param name="scalars">Names and values; a slash groups names in TensorBoard. Values are kept in single precision.</param>
    /// <exception cref="IOException">They cannot be written; what was written before is unharmed.</exception>
    public void Write(long step, params ReadOnlySpan<(string Tag, double Value)> scalars) => Append(EventMessage.Scalars(Now(), step, scalars));

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private static long LastSecond(string directory) => Directory.EnumerateFiles(directory, Prefix + "*")
        .Select(path => System.IO.Path.GetFileName(path)[Prefix.Length..].Split('.')[0])
        .Select(text => text.Length == 10 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long second) ? second : 0)
        .DefaultIfEmpty().Max();

    private void Append(byte[] message)
    {
        byte[] record = TfRecord.Frame(message);
        try
        {
            RandomAccess.Write(_handle, record, _length);
        }
        catch (IOException)
        {
            // Half a record would end the file for its readers.
            RandomAccess.SetLength(_handle, _length);
            throw;
        }

        _length += record.Length;
    }

    private double Now() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
}
