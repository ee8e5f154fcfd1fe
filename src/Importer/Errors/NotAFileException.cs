using Importer.IO;

namespace Importer;

/// <summary>Where a file is needed there is a directory, a pipe, a socket or a device, which is not opened.</summary>
public sealed class NotAFileException : PretrainedException
{
    internal NotAFileException(string path, FileKind kind)
        : base($"{DisplayText.Escape(path)} is {Describe(kind)}, and a file is needed", "Put the file itself there, or a link to it.")
    {
        Path = path;
    }

    /// <summary>What was to be read.</summary>
    public string Path { get; }

    private static string Describe(FileKind kind) => kind switch
    {
        FileKind.Directory => "a directory",
        FileKind.Pipe => "a named pipe",
        FileKind.Socket => "a socket",
        _ => "a device",
    };
}
