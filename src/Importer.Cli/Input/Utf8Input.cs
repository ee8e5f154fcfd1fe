using System.Globalization;
using SharedSource.Text;

namespace Importer.Cli;

/// <summary>
/// Text as a person or a program gives it: UTF-8 whatever the locale, without a byte order mark at its beginning. A byte that is none is
/// an error that says where, since a model would take the replacement character for what was meant.
/// </summary>
/// <param name="stream">The bytes; disposed with the reader.</param>
/// <param name="name">What messages call it.</param>
internal sealed class Utf8Input(Stream stream, string name) : Utf8BlockReader(BlockSize, replaceInvalid: false)
{
    private const int BlockSize = 64 << 10;

    /// <summary>Opens a file.</summary>
    public static Utf8Input Open(string path) => Directory.Exists(path)
        ? throw new CommandFailedException(ExitCode.NotFound, $"{path} is a directory. Give a file of text.")
        : new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1), path);

    /// <summary>Opens a file on a thread of its own: one that is a pipe waits for whoever writes it, and a Ctrl-C need not.</summary>
    public static Task<Utf8Input> OpenAsync(string path, CancellationToken cancellationToken) =>
        Task.Run(() => Open(path), cancellationToken).WaitAsync(cancellationToken);

    /// <summary>Reads a file as a whole.</summary>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var file = await OpenAsync(path, cancellationToken).ConfigureAwait(false);
        return await Task.Run(file.ReadToEnd, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads on a thread of its own: nothing ends the waiting for a pipe, and a Ctrl-C need not wait for it.</summary>
    public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default) =>
        new(Task.Run(() => Read(buffer.Span), cancellationToken).WaitAsync(cancellationToken));

    protected override int ReadBytes(Span<byte> buffer, long offset) => stream.Read(buffer);

    protected override int Edit(Span<char> text, bool isFirst)
    {
        if (!isFirst || text is not ['\uFEFF', .. var rest])
        {
            return text.Length;
        }

        rest.CopyTo(text);
        return rest.Length;
    }

    protected override Exception Invalid(byte value, long offset) => new CommandFailedException(ExitCode.Integrity, string.Create(
        CultureInfo.InvariantCulture, $"{name} is not UTF-8 text: byte {offset:N0} is 0x{value:X2}. Convert it to UTF-8, for instance with iconv."));

    protected override void Dispose(bool disposing)
    {
        stream.Dispose();
        base.Dispose(disposing);
    }
}
