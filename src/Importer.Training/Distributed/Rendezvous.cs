using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Importer.Training.Distributed;

/// <summary>How the processes of a group find each other: rank 0 listens, the others come.</summary>
internal static class Rendezvous
{
    // Of strangers that hold their connection open there is an end, too.
    private const int MaxStrangers = 256;
    private static readonly TimeSpan Introduction = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the others.</summary>
    /// <param name="options">The group.</param>
    /// <param name="codeOf">The number that those that are there already are told where nothing comes of it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The link of each, by rank from 1.</returns>
    public static async Task<Link[]> ListenAsync(ProcessGroupOptions options, Func<Exception, int> codeOf, CancellationToken cancellationToken)
    {
        using var listener = await BindAsync(options, cancellationToken).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ending.CancelAfter(options.ConnectTimeout);
        var claimed = new Dictionary<int, Socket>();
        var links = new Link[options.WorldSize - 1];
        var guests = Channel.CreateUnbounded<(Socket Socket, Handshake.Guest Guest)>();
        int strangers = 0;
        string? refused = null;
        var accepting = AcceptAsync();
        try
        {
            while (links.Contains(null))
            {
                var (socket, guest) = await guests.Reader.ReadAsync(ending.Token).ConfigureAwait(false);
                if (guest is { Problem: null, Rank: { } rank })
                {
                    Seat(socket, rank);
                    continue;
                }

                socket.Dispose();
                refused = guest.Problem ?? refused;
                if (guest.IsOurs)
                {
                    throw new GroupRefusedException(FormattableString.Invariant($"A process that says it is rank {guest.Rank} cannot join: {guest.Problem}"), []);
                }
            }

            return links;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var late = Missing(options, links, refused);
            Dismiss(links, late, codeOf(late));
            throw late;
        }
        catch (Exception e)
        {
            Dismiss(links, e, codeOf(e));
            throw;
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await accepting.ConfigureAwait(false);
            while (guests.Reader.TryRead(out var left))
            {
                left.Socket.Dispose();
            }
        }

        async Task AcceptAsync()
        {
            var introductions = new List<Task>();
            try
            {
                while (true)
                {
                    var socket = await listener.AcceptAsync(ending.Token).ConfigureAwait(false);
                    introductions.RemoveAll(task => task.IsCompleted);
                    if (Interlocked.Increment(ref strangers) > MaxStrangers)
                    {
                        Interlocked.Decrement(ref strangers);
                        socket.Dispose();
                        continue;
                    }

                    introductions.Add(IntroduceAsync(socket));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
            }

            await Task.WhenAll(introductions).ConfigureAwait(false);
        }

        async Task IntroduceAsync(Socket socket)
        {
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
                patience.CancelAfter(Introduction);
                var guest = await Handshake.ReceiveAsync(new NetworkStream(socket, ownsSocket: false), options, rank => Claim(rank, socket), patience.Token).ConfigureAwait(false);
                guests.Writer.TryWrite((socket, guest));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Whoever it was: rank 0 goes on waiting for its own.
                Release(socket);
                socket.Dispose();
            }
            finally
            {
                Interlocked.Decrement(ref strangers);
            }
        }

        // A process whose connection broke before it knew that it was taken comes again.
        bool Claim(int rank, Socket socket)
        {
            lock (claimed)
            {
                if (claimed.TryGetValue(rank, out var earlier) && !IsGone(earlier))
                {
                    return false;
                }

                claimed[rank] = socket;
                return true;
            }
        }

        void Release(Socket socket)
        {
            lock (claimed)
            {
                foreach (int rank in claimed.Where(item => item.Value == socket).Select(item => item.Key).ToList())
                {
                    claimed.Remove(rank);
                }
            }
        }

        void Seat(Socket socket, int rank)
        {
            bool holds;
            lock (claimed)
            {
                holds = claimed.TryGetValue(rank, out var holder) && holder == socket;
            }

            if (!holds)
            {
                socket.Dispose();
                return;
            }

            links[rank - 1]?.Dispose();
            links[rank - 1] = new Link(socket, rank, options.WorldSize, options.OperationTimeout);
        }
    }

    // What was sent before the end is still somebody's word.
    private static bool IsGone(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>Goes to rank 0, again and again until it is there.</summary>
    public static async Task<Link> ConnectAsync(ProcessGroupOptions options, CancellationToken cancellationToken)
    {
        long begin = Stopwatch.GetTimestamp();
        Exception? last = null;
        for (int attempt = 0; Stopwatch.GetElapsedTime(begin) < options.ConnectTimeout; attempt++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                // A port beside rank 0's may be somebody's who waits for a word from here.
                patience.CancelAfter(options.PortCount > 1 ? TimeSpan.FromSeconds(3) : Introduction);
                await socket.ConnectAsync(options.Address, options.Port + attempt % options.PortCount, patience.Token).ConfigureAwait(false);
                if (await Handshake.SendAsync(new NetworkStream(socket, ownsSocket: false), options, patience.Token).ConfigureAwait(false))
                {
                    return new Link(socket, 0, options.WorldSize, options.OperationTimeout);
                }

                last = null;
            }
            catch (Exception e) when (e is IOException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            socket.Dispose();
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }

        throw new GroupTimeoutException(
            FormattableString.Invariant($"Rank {options.Rank} found no rank 0 at {DisplayText.Escape(options.Address)}:{options.Port} within {options.ConnectTimeout.TotalSeconds:0} s{(last is SocketException ? $" ({DisplayText.Escape(last.Message)})" : "")}"),
            options.ConnectTimeout, "Look whether rank 0 runs, and check MASTER_ADDR and MASTER_PORT; IMPORTER_CONNECT_TIMEOUT gives it more seconds.");
    }

    private static GroupTimeoutException Missing(ProcessGroupOptions options, Link?[] links, string? refused)
    {
        string ranks = string.Join(", ", Enumerable.Range(1, links.Length).Where(rank => links[rank - 1] is null));
        return new GroupTimeoutException(
            FormattableString.Invariant($"Of {options.WorldSize} ranks these did not come within {options.ConnectTimeout.TotalSeconds:0} s: {ranks}{(refused is null ? "" : $"; one that came was refused: {DisplayText.Escape(refused)}")}"),
            options.ConnectTimeout, "Start them, with the same MASTER_ADDR and MASTER_PORT; IMPORTER_CONNECT_TIMEOUT gives them more seconds.");
    }

    private static void Dismiss(Link?[] links, Exception why, int code)
    {
        Link[] those = [.. links.OfType<Link>()];
        Link.Leave(those, 0, why.Message, code, Link.Farewell);
        Array.ForEach(those, link => link.Dispose());
    }

    private static async Task<Socket> BindAsync(ProcessGroupOptions options, CancellationToken cancellationToken)
    {
        // What a machine's name means may differ between it and the others, so for a name it listens everywhere.
        IPAddress[] addresses = IPAddress.TryParse(options.Address, out var literal) ? [literal]
            : string.Equals(options.Address, "localhost", StringComparison.OrdinalIgnoreCase) ? await Dns.GetHostAddressesAsync("localhost", cancellationToken).ConfigureAwait(false)
            : [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];
        SocketException? last = null;
        for (int port = options.Port; port < options.Port + options.PortCount; port++)
        {
            foreach (var address in addresses)
            {
                Socket? socket = null;
                try
                {
                    socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                    if (address.Equals(IPAddress.IPv6Any))
                    {
                        socket.DualMode = true;
                    }

                    socket.Bind(new IPEndPoint(address, port));
                    socket.Listen(options.WorldSize + 16);
                    return socket;
                }
                catch (SocketException e)
                {
                    last = e;
                    socket?.Dispose();
                    if (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
                    {
                        // Whoever has it at the name's first address is who the others would find.
                        break;
                    }
                }
            }
        }

        throw new GroupRefusedException(
            FormattableString.Invariant($"Rank 0 cannot listen at {DisplayText.Escape(options.Address)}:{options.Port}{(options.PortCount > 1 ? $" to {options.Port + options.PortCount - 1}" : "")} ({DisplayText.Escape(last!.Message)})"), []);
    }
}
