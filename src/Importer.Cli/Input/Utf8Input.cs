using System.Buffers;
using System.Globalization;
using System.Text.Unicode;

namespace Importer.Cli;

/// <summary>
/// Text as a person or a program gives it: UTF-8 whatever the locale, without a byte order mark at its beginning. A byte that is none is
/// an error that says where, since a model would take the replacement character for what was meant.
/// </summary>
internal sealed class Utf8Input : TextReader
{
    private const int BlockSize = 64 << 10;

    private readonly Stream _stream;
    private readonly string _name;
    private readonly byte[] _bytes = new byte[BlockSize];
    private readonly char[] _chars = new char[BlockSize];
    private int _byteCount;
    private int _charCount;
    private int _charAt;
    private long _offset; // of the first byte in the buffer
    private bool _ended;

    /// <param name="stream">The bytes; disposed with the reader.</param>
    /// <param name="name">What messages call it.</param>
    public Utf8Input(Stream stream, string name)
    {
        _stream = stream;
        _name = name;
    }

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

    public override int Peek() => HasChars() ? _chars[_charAt] : -1;

    public override int Read() => HasChars() ? _chars[_charAt++] : -1;

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        if (buffer.IsEmpty || !HasChars())
        {
            return 0;
        }

        int count = Math.Min(buffer.Length, _charCount - _charAt);
        _chars.AsSpan(_charAt, count).CopyTo(buffer);
        _charAt += count;
        return count;
    }

    /// <summary>Reads on a thread of its own: nothing ends the waiting for a pipe, and a Ctrl-C need not wait for it.</summary>
    public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default) =>
        new(Task.Run(() => Read(buffer.Span), cancellationToken).WaitAsync(cancellationToken));

    protected override void Dispose(bool disposing)
    {
        _stream.Dispose();
        base.Dispose(disposing);
    }

    private bool HasChars()
    {
        while (_charAt == _charCount)
        {
            if (_ended)
            {
                return false;
            }

            Fill();
        }

        return true;
    }

    private void Fill()
    {
        int read = _stream.Read(_bytes.AsSpan(_byteCount));
        _ended = read == 0;
        _byteCount += read;
        var status = Utf8.ToUtf16(_bytes.AsSpan(0, _byteCount), _chars, out int consumed, out _charCount, replaceInvalidSequences: false, isFinalBlock: _ended);
        _charAt = _offset == 0 && _charCount > 0 && _chars[0] == '\uFEFF' ? 1 : 0;
        if (status == OperationStatus.InvalidData && _charAt == _charCount)
        {
            throw new CommandFailedException(ExitCode.Integrity, string.Create(
                CultureInfo.InvariantCulture,
                $"{_name} is not UTF-8 text: byte {_offset + consumed:N0} is 0x{_bytes[consumed]:X2}. Convert it to UTF-8, for instance with iconv."));
        }

        _bytes.AsSpan(consumed, _byteCount - consumed).CopyTo(_bytes);
        _byteCount -= consumed;
        _offset += consumed;
    }
}
