using System.Runtime.InteropServices;
using System.Text;

namespace Importer.Cli.Output;

/// <summary>
/// Standard output and error where they are files or pipes, in UTF-8. .NET's own takes what is written for read when nobody reads a pipe
/// any more (<c>| head</c>), so that a model would go on talking to itself, and its encoding depends on the locale.
/// </summary>
internal sealed partial class StandardStream : Stream
{
    private const int Output = 1, Error = 2;
    private const int Interrupted = 4, TryAgain = 11, BrokenPipe = 32, TryAgainMac = 35;
    private const short ForWriting = 4; // POLLOUT

    private readonly int _descriptor;

    private StandardStream(int descriptor) => _descriptor = descriptor;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A writer for results; what cannot be written is an error.</summary>
    public static TextWriter OpenOutput() => OperatingSystem.IsWindows() || !Console.IsOutputRedirected ? Console.Out : Writer(Output);

    /// <summary>A writer for progress and errors; nobody's work fails because nobody can read of it.</summary>
    public static TextWriter OpenError() => OperatingSystem.IsWindows() || !Console.IsErrorRedirected ? Console.Error : Writer(Error);

    // Each text is there when the call returns.
    private static TextWriter Writer(int descriptor) => TextWriter.Synchronized(
        new StreamWriter(new StandardStream(descriptor), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 14) { AutoFlush = true });

    /// <exception cref="OutputClosedException">Nobody reads it any more.</exception>
    /// <exception cref="IOException">The system says no, for instance because the disk is full.</exception>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            for (int done = 0; done < buffer.Length;)
            {
                nint written = WriteTo(_descriptor, bytes + done, (nuint)(buffer.Length - done));
                if (written >= 0)
                {
                    done += (int)written;
                    continue;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Interrupted:
                        break;
                    case TryAgain or TryAgainMac:
                        var wanted = new Awaited(_descriptor, ForWriting);
                        _ = Poll(ref wanted, 1, -1);
                        break;
                    case not 0 when _descriptor == Error:
                        return;
                    case BrokenPipe:
                        throw new OutputClosedException();
                    case var error:
                        throw new IOException($"Standard output cannot be written to: {Marshal.GetPInvokeErrorMessage(error)}", error);
                }
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // Not a FileStream: it writes files at places of its own counting, which the shell and the next program do not know of.
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteTo(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref Awaited wanted, nuint count, int milliseconds);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Awaited(int descriptor, short events)
    {
        public int Descriptor = descriptor;
        public short Events = events;
        public short Happened;
    }
}
