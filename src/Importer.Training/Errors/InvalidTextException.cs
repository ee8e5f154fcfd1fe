using System.Globalization;

namespace Importer.Training;

/// <summary>A text that is to be tokenised is no UTF-8, or no JSON lines.</summary>
public sealed class InvalidTextException : TrainingDataException
{
    internal InvalidTextException(string path, string problem, long offset, long? line, string remedy, Exception? innerException = null)
        : base(
            path,
            string.Create(CultureInfo.InvariantCulture, $"{(line is { } number ? $"line {number:N0}, " : "")}byte {offset:N0}: {DisplayText.Escape(problem)}"),
            remedy, innerException)
    {
        Offset = offset;
        Line = line;
    }

    /// <summary>Where in the file, in bytes.</summary>
    public long Offset { get; }

    /// <summary>Which line, from 1; null where text is not read by lines.</summary>
    public long? Line { get; }
}
