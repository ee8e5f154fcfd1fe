using System.Globalization;

namespace Importer;

/// <summary>The disk has, or had, too little room.</summary>
public sealed class DiskSpaceException : PretrainedException
{
    internal DiskSpaceException(string directory, long needed, long? available, Exception? innerException = null)
        : base(
            string.Create(CultureInfo.InvariantCulture, $"{DisplayText.Escape(directory)}: the disk has too little room, {needed / 1e6:N1} MB are needed") +
            (available is { } free ? string.Create(CultureInfo.InvariantCulture, $" and {free / 1e6:N1} MB are free") : " in all"),
            "Free some, or choose another directory; nothing was left behind.",
            innerException)
    {
        Directory = directory;
        Needed = needed;
        Available = available;
    }

    /// <summary>What was to be made.</summary>
    public string Directory { get; }

    /// <summary>Bytes that are needed.</summary>
    public long Needed { get; }

    /// <summary>Bytes that were free; null when the disk filled up on the way.</summary>
    public long? Available { get; }
}
