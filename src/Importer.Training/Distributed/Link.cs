using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Importer.Training.Distributed;

/// <summary>
/// The connection to one other process: frames of a bounded size, each checked to be the one that comes next. One thread may send while
/// another receives.
/// </summary>
/// <remarks>A frame is <c>IWG1</c>, its kind in 4 bytes, the operation's number and the payload's length, little-endian, and the payload.</remarks>
internal sealed class Link : IDisposable
{
    /// <summary>The largest payload.</summary>
    public const int MaxPayload = 16 << 20;

    private const int HeaderBytes = 16, MaxAbort = 64 << 10, SendBytes = 1 << 20;
    private const uint Magic = 0x3147_5749;

    /// <summary>How long one that leaves waits for those that may not listen.</summary>
    public static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly int _worldSize;
    private readonly TimeSpan? _timeout;
    private readonly Lock _sending = new();
    private readonly byte[] _received = new byte[HeaderBytes];

    /// <param name="socket">Connected; the link's from now on.</param>
    /// <param name="peer">Whose it is.</param>
    /// <param name="worldSize">How many ranks there are.</param>
    /// <param name="timeout">How long an answer may take; null for as long as the connection lives.</param>
    public Link(Socket socket, int peer, int worldSize, TimeSpan? timeout)
    {
        _socket = socket;
        Peer = peer;
        _worldSize = worldSize;
        _timeout = timeout;
        socket.NoDelay = true;
        if (timeout is { } limit)
        {
            socket.SendTimeout = (int)Math.Min(limit.TotalMilliseconds, int.MaxValue);
        }

        // A machine that is gone sends no end: it is asked after a minute, and given up after two.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
    }

    /// <summary>The other process.</summary>
    public int Peer { get; }

    /// <summary>Sends a frame.</summary>
    /// <exception cref="PeerFailedException">The other has ended and said why.</exception>
    /// <exception cref="PeerLostException">The connection has ended.</exception>
    public void Send(FrameKind kind, uint number, ReadOnlySpan<byte> payload)
    {
        try
        {
            SendRaw(kind, number, payload);
        }
        catch (PeerLostException)
        {
            // One that failed has said why before it closed.
            if (LastWords() is { } failed)
            {
                throw failed;
            }

            throw;
        }
    }

    /// <summary>Sends a frame while another thread receives: what the other may have said is for that thread to find.</summary>
    public void SendRaw(FrameKind kind, uint number, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)payload.Length);
        lock (_sending)
        {
            SendAll(header);
            SendAll(payload);
        }
    }

    /// <summary>Receives the payload of the frame that must come next.</summary>
    /// <exception cref="PeerFailedException">The other failed, or knows of one that did.</exception>
    /// <exception cref="PeerLostException">The connection has ended.</exception>
    /// <exception cref="GroupProtocolException">Something else came.</exception>
    /// <exception cref="GroupTimeoutException">Nothing came in time.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the link is of no use then.</exception>
    public void Receive(FrameKind kind, uint number, Span<byte> payload, CancellationToken cancellationToken = default)
    {
        int length = ReceiveHeader(kind, number, cancellationToken);
        if (length != payload.Length)
        {
            throw new GroupProtocolException(Peer, FormattableString.Invariant($"{length} bytes instead of {payload.Length} ({kind}, operation {number})"));
        }

        ReceiveAll(payload, cancellationToken);
    }

    /// <summary>Receives the payload of the frame that must come next, whatever its length.</summary>
    /// <inheritdoc cref="Receive"/>
    public byte[] ReceiveBytes(FrameKind kind, uint number, CancellationToken cancellationToken = default)
    {
        byte[] payload = new byte[ReceiveHeader(kind, number, cancellationToken)];
        ReceiveAll(payload, cancellationToken);
        return payload;
    }

    /// <summary>Tells the other that somebody failed, and sees that it can read that; never throws for what the network does.</summary>
    public void Abort(int rank, string reason, int code)
    {
        try
        {
            _socket.SendTimeout = (int)Farewell.TotalMilliseconds;
            var json = new JsonObject { ["rank"] = rank, ["reason"] = reason[..Math.Min(reason.Length, 8 << 10)], ["code"] = code };
            if (_sending.TryEnter(Farewell))
            {
                try
                {
                    Span<byte> header = stackalloc byte[HeaderBytes];
                    byte[] payload = JsonSerializer.SerializeToUtf8Bytes(json, Checkpoints.ConfigJsonContext.Default.JsonObject);
                    BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
                    BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)FrameKind.Abort);
                    BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)payload.Length);
                    SendAll(header);
                    SendAll(payload);
                }
                finally
                {
                    _sending.Exit();
                }
            }

            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is PeerLostException or SocketException or ObjectDisposedException)
        {
        }
    }

    /// <summary>Tells others that somebody failed, and waits until they have ended, too, or for as long as is said.</summary>
    /// <remarks>Closing a connection with something unread in it would throw away what was sent last, so what still comes is read.</remarks>
    public static void Leave(IReadOnlyList<Link> links, int rank, string reason, int code, TimeSpan patience)
    {
        long begin = Stopwatch.GetTimestamp();
        foreach (var link in links)
        {
            link.Abort(rank, reason, code);
        }

        // Together, for each of them may be in the middle of a long computation.
        var open = links.ToList();
        byte[] buffer = new byte[64 << 10];
        while (open.Count > 0 && Stopwatch.GetElapsedTime(begin) < patience)
        {
            if (open.RemoveAll(link => link.HasEnded(buffer)) == 0)
            {
                Thread.Sleep(10);
            }
        }
    }

    /// <summary>Reads what has come, and sees whether that was all.</summary>
    private bool HasEnded(byte[] buffer)
    {
        try
        {
            // Not for ever: there are others, and an end to patience.
            for (int i = 0; i < 64 && _socket.Poll(0, SelectMode.SelectRead); i++)
            {
                if (_socket.Receive(buffer) == 0)
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>Closes the connection; sends and receives that wait end.</summary>
    public void Dispose() => _socket.Dispose();

    private int ReceiveHeader(FrameKind kind, uint number, CancellationToken cancellationToken)
    {
        var (found, itsNumber, length) = ReadHeader(cancellationToken);
        if (found == FrameKind.Abort)
        {
            throw ReadAbort(length, cancellationToken);
        }

        return found == kind && itsNumber == number
            ? length
            : throw new GroupProtocolException(Peer, FormattableString.Invariant($"{found}, operation {itsNumber}, instead of {kind}, operation {number}"));
    }

    private (FrameKind Kind, uint Number, int Length) ReadHeader(CancellationToken cancellationToken)
    {
        ReceiveAll(_received, cancellationToken);
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(_received), kind = BinaryPrimitives.ReadUInt32LittleEndian(_received.AsSpan(4));
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_received.AsSpan(12));
        if (magic != Magic || kind > byte.MaxValue || !Enum.IsDefined((FrameKind)kind))
        {
            throw new GroupProtocolException(Peer, $"no frame but the bytes {Convert.ToHexString(_received)}");
        }

        int most = (FrameKind)kind == FrameKind.Abort ? MaxAbort : MaxPayload;
        return length <= most
            ? ((FrameKind)kind, BinaryPrimitives.ReadUInt32LittleEndian(_received.AsSpan(8)), (int)length)
            : throw new GroupProtocolException(Peer, FormattableString.Invariant($"a frame of {length} bytes, and none has more than {most}"));
    }

    private ProcessGroupException ReadAbort(int length, CancellationToken cancellationToken)
    {
        byte[] payload = new byte[length];
        ReceiveAll(payload, cancellationToken);
        try
        {
            if (JsonNode.Parse(payload) is JsonObject json && json["rank"] is JsonValue rank && rank.TryGetValue(out int who) && who >= 0 && who < _worldSize
                && json["reason"] is JsonValue reason && reason.TryGetValue(out string? why) && json["code"] is JsonValue code && code.TryGetValue(out int number))
            {
                return new PeerFailedException(who, why, number);
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
        }

        return new GroupProtocolException(Peer, "a failure that cannot be read");
    }

    private PeerFailedException? LastWords()
    {
        try
        {
            using var patience = new CancellationTokenSource(Farewell);
            while (true)
            {
                var (kind, _, length) = ReadHeader(patience.Token);
                if (kind == FrameKind.Abort)
                {
                    return ReadAbort(length, patience.Token) as PeerFailedException;
                }

                ReceiveAll(new byte[length], patience.Token);
            }
        }
        catch (Exception e) when (e is ProcessGroupException or OperationCanceledException)
        {
            return null;
        }
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                // A timeout is one of a part, so that a slow network has the time that it needs.
                bytes = bytes[_socket.Send(bytes[..Math.Min(bytes.Length, SendBytes)])..];
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut && _timeout is { } timeout)
        {
            throw TooLate("taken nothing", timeout);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new PeerLostException(Peer, e);
        }
    }

    private GroupTimeoutException TooLate(string what, TimeSpan timeout) => new(
        FormattableString.Invariant($"Rank {Peer} has {what} for {timeout.TotalSeconds:0} s"), timeout,
        "Look at what it does; IMPORTER_GROUP_TIMEOUT gives it more seconds, and without it there is no limit.");

    private void ReceiveAll(Span<byte> bytes, CancellationToken cancellationToken)
    {
        long begin = Stopwatch.GetTimestamp();
        try
        {
            while (bytes.Length > 0)
            {
                while (_socket.Available == 0 && !_socket.Poll(100_000, SelectMode.SelectRead))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (_timeout is { } timeout && Stopwatch.GetElapsedTime(begin) > timeout)
                    {
                        throw TooLate("sent nothing", timeout);
                    }
                }

                int count = _socket.Receive(bytes);
                if (count == 0)
                {
                    throw new PeerLostException(Peer);
                }

                bytes = bytes[count..];
                begin = Stopwatch.GetTimestamp();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new PeerLostException(Peer, e);
        }
    }
}
