using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Importer.Training.Distributed;

/// <summary>
/// How two processes recognise each other, before anything else is read: protocol, group, ranks, and that both know the token, which is
/// proved by HMAC-SHA256 over numbers that each side draws and never sent.
/// </summary>
internal static class Handshake
{
    public const uint Version = 1;

    private const int NonceBytes = 32, HashBytes = 32, GreetingBytes = 8 + NonceBytes, HelloBytes = 16 + NonceBytes + 2 * HashBytes, ReplyBytes = 8 + HashBytes, MaxText = 1024;
    private const uint Magic = 0x3147_5749, Accepted = 0, Refused = 1, OtherGroup = 2;

    /// <summary>What became of a connection at rank 0.</summary>
    /// <param name="Rank">Who it is; null for nobody of this group.</param>
    /// <param name="Problem">Why it is refused; null where it is not.</param>
    /// <param name="IsOurs">Whether it knows the token, so that what it says ends the group.</param>
    public readonly record struct Guest(int? Rank, string? Problem, bool IsOurs);

    /// <summary>Rank 0's side.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="options">The group.</param>
    /// <param name="claim">Takes a rank; false where it is taken.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Guest> ReceiveAsync(NetworkStream stream, ProcessGroupOptions options, Func<int, bool> claim, CancellationToken cancellationToken)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes), greeting = new byte[GreetingBytes], hello = new byte[HelloBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(greeting, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(greeting.AsSpan(4), Version);
        nonce.CopyTo(greeting, 8);
        await stream.WriteAsync(greeting, cancellationToken).ConfigureAwait(false);
        await stream.ReadExactlyAsync(hello.AsMemory(0, 8), cancellationToken).ConfigureAwait(false);
        if (Word(hello, 0) != Magic)
        {
            return default;
        }

        if (Word(hello, 1) != Version)
        {
            return await ReplyAsync(stream, options, nonce, [], Refused, FormattableString.Invariant($"the protocol has version {Word(hello, 1)} there and {Version} at rank 0"), cancellationToken).ConfigureAwait(false);
        }

        await stream.ReadExactlyAsync(hello.AsMemory(8), cancellationToken).ConfigureAwait(false);
        byte[] theirs = hello[16..(16 + NonceBytes)];
        if (!hello.AsSpan(16 + NonceBytes, HashBytes).SequenceEqual(GroupHash(options)))
        {
            return await ReplyAsync(stream, options, nonce, theirs, OtherGroup, "this is another group", cancellationToken).ConfigureAwait(false);
        }

        if (!CryptographicOperations.FixedTimeEquals(Proof(options, "guest", nonce, hello[..(16 + NonceBytes)]), hello.AsSpan(HelloBytes - HashBytes)))
        {
            return await ReplyAsync(stream, options, nonce, theirs, Refused, "its token is another one than rank 0's (IMPORTER_GROUP_TOKEN)", cancellationToken).ConfigureAwait(false);
        }

        uint rank = Word(hello, 2), world = Word(hello, 3);
        string? problem = world != options.WorldSize ? FormattableString.Invariant($"world size is {world} there and {options.WorldSize} at rank 0")
            : rank == 0 || rank >= world ? FormattableString.Invariant($"its rank is {rank}, and those that join are from 1 to {world - 1}")
            : !claim((int)rank) ? FormattableString.Invariant($"another process has rank {rank} already")
            : null;
        await ReplyAsync(stream, options, nonce, theirs, problem is null ? Accepted : Refused, problem ?? "", cancellationToken).ConfigureAwait(false);
        return new Guest((int)Math.Min(rank, ushort.MaxValue), problem, IsOurs: true);
    }

    /// <summary>The other ranks' side.</summary>
    /// <returns>Whether this is rank 0 of the group; false for anything else that listens there.</returns>
    /// <exception cref="GroupRefusedException">It is, and refuses.</exception>
    public static async Task<bool> SendAsync(NetworkStream stream, ProcessGroupOptions options, CancellationToken cancellationToken)
    {
        byte[] greeting = new byte[GreetingBytes], hello = new byte[HelloBytes], reply = new byte[ReplyBytes], nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        await stream.ReadExactlyAsync(greeting.AsMemory(0, 8), cancellationToken).ConfigureAwait(false);
        if (Word(greeting, 0) != Magic)
        {
            return false;
        }

        if (Word(greeting, 1) != Version)
        {
            throw Refusal(options, FormattableString.Invariant($"the protocol has version {Word(greeting, 1)} at rank 0 and {Version} here"));
        }

        await stream.ReadExactlyAsync(greeting.AsMemory(8), cancellationToken).ConfigureAwait(false);
        byte[] theirs = greeting[8..];
        BinaryPrimitives.WriteUInt32LittleEndian(hello, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(hello.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(hello.AsSpan(8), (uint)options.Rank);
        BinaryPrimitives.WriteUInt32LittleEndian(hello.AsSpan(12), (uint)options.WorldSize);
        nonce.CopyTo(hello, 16);
        GroupHash(options).CopyTo(hello, 16 + NonceBytes);
        Proof(options, "guest", theirs, hello[..(16 + NonceBytes)]).CopyTo(hello, HelloBytes - HashBytes);
        await stream.WriteAsync(hello, cancellationToken).ConfigureAwait(false);
        await stream.ReadExactlyAsync(reply, cancellationToken).ConfigureAwait(false);
        uint length = Word(reply, 1);
        if (length > MaxText)
        {
            return false;
        }

        byte[] text = new byte[length];
        await stream.ReadExactlyAsync(text, cancellationToken).ConfigureAwait(false);
        switch (Word(reply, 0))
        {
            case OtherGroup:
                return false;
            case Accepted when CryptographicOperations.FixedTimeEquals(Proof(options, "host", nonce, theirs), reply.AsSpan(8)):
                return true;
            case Accepted:
                throw Refusal(options, "what listens there does not know the token (IMPORTER_GROUP_TOKEN)");
            case Refused:
                throw Refusal(options, Encoding.UTF8.GetString(text));
            default:
                return false;
        }
    }

    private static GroupRefusedException Refusal(ProcessGroupOptions options, string why) =>
        new(FormattableString.Invariant($"Rank 0 does not take this process as rank {options.Rank}: {DisplayText.Escape(why)}"), []);

    private static async Task<Guest> ReplyAsync(
        NetworkStream stream, ProcessGroupOptions options, byte[] nonce, byte[] theirs, uint status, string text, CancellationToken cancellationToken)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text), reply = new byte[ReplyBytes + utf8.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(reply, status);
        BinaryPrimitives.WriteUInt32LittleEndian(reply.AsSpan(4), (uint)utf8.Length);
        if (status == Accepted)
        {
            Proof(options, "host", theirs, nonce).CopyTo(reply, 8);
        }

        utf8.CopyTo(reply, ReplyBytes);
        await stream.WriteAsync(reply, cancellationToken).ConfigureAwait(false);
        return new Guest(null, text, IsOurs: false);
    }

    private static uint Word(byte[] bytes, int index) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * index));

    private static byte[] GroupHash(ProcessGroupOptions options) => SHA256.HashData(Encoding.UTF8.GetBytes(options.GroupId));

    private static byte[] Proof(ProcessGroupOptions options, string side, byte[] first, byte[] second) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Token ?? ""), (byte[])[.. Encoding.UTF8.GetBytes(side), .. first, .. second]);
}
