using System.Text.Json;
using System.Text.Json.Nodes;

namespace Importer.Training.Distributed;

/// <summary>
/// Processes that train together, over TCP: rank 0 in the middle, a connection to each other one. All call the same operations in the
/// same order; an operation ends when all have called it, or with an exception when one of them has failed, died or gone.
/// </summary>
/// <remarks>
/// Sums are made in the order of ranks, so every rank gets the same bits, again and again. For networks that are trusted: with a token nobody
/// joins who does not know it, but what is sent is neither encrypted nor signed. For one thread; <see cref="Dispose"/> for any.
/// </remarks>
/// <example>
/// <code>
/// using var group = ProcessGroupOptions.FromEnvironment(Environment.GetEnvironmentVariable) is { } options ? await ProcessGroup.ConnectAsync(options) : null;
/// await using var run = await TrainingRun.FromOptionsAsync(settings, new() { Group = group });
/// </code>
/// </example>
public sealed partial class ProcessGroup : IDisposable
{
    // Large enough that a frame's head is nothing, small enough that sums go back while others come.
    internal const int BucketBytes = 4 << 20;

    private readonly ProcessGroupOptions _options;
    private readonly Link[] _links;
    private uint _operation;
    private bool _failed;

    private ProcessGroup(ProcessGroupOptions options, Link[] links)
    {
        _options = options;
        _links = links;
    }

    /// <summary>This process's number, from 0.</summary>
    public int Rank => _options.Rank;

    /// <summary>How many processes there are.</summary>
    public int WorldSize => _options.WorldSize;

    /// <summary>This process's number on its machine.</summary>
    public int LocalRank => _options.LocalRank;

    /// <summary>Whether this is rank 0, which decides, prints and saves.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>What the processes say to one that failed, beside its message: a number for exit codes. <value>The default says 1.</value></summary>
    public Func<Exception, int> CodeOf { get; init; } = _ => 1;

    /// <summary>Meets the others.</summary>
    /// <param name="options">Where, and as which rank.</param>
    /// <param name="codeOf">See <see cref="CodeOf"/>; null for 1.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    /// <exception cref="GroupTimeoutException">Some did not come, or rank 0 is not there.</exception>
    /// <exception cref="GroupRefusedException">They disagree about the group, or rank 0 cannot listen.</exception>
    public static async Task<ProcessGroup> ConnectAsync(ProcessGroupOptions options, Func<Exception, int>? codeOf = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Link[] links = options.Rank == 0
            ? await Rendezvous.ListenAsync(options, codeOf ?? (_ => 1), cancellationToken).ConfigureAwait(false)
            : [await Rendezvous.ConnectAsync(options, cancellationToken).ConfigureAwait(false)];
        return new ProcessGroup(options, links) { CodeOf = codeOf ?? (_ => 1) };
    }

    /// <summary>Gives rank 0's bytes to all.</summary>
    /// <param name="bytes">Sent by rank 0, filled in the others; as many everywhere.</param>
    /// <exception cref="ProcessGroupException">A process failed, is gone, or does something else.</exception>
    public void Broadcast(Span<byte> bytes)
    {
        do
        {
            var part = bytes[..Math.Min(bytes.Length, BucketBytes)];
            uint number = _operation++;
            if (IsFirst)
            {
                foreach (var link in _links)
                {
                    link.Send(FrameKind.Broadcast, number, part);
                }
            }
            else
            {
                _links[0].Receive(FrameKind.Broadcast, number, part);
            }

            bytes = bytes[part.Length..];
        }
        while (bytes.Length > 0);
    }

    /// <summary>Waits until all are here.</summary>
    /// <exception cref="ProcessGroupException">A process failed, is gone, or does something else.</exception>
    public void Barrier() => AllReduce([0d]);

    /// <summary>Gives rank 0's text to all.</summary>
    /// <param name="text">Rank 0's; not looked at in the others.</param>
    /// <param name="cancellationToken">Ends the waiting, and the group with it.</param>
    /// <returns>Rank 0's text.</returns>
    /// <exception cref="ProcessGroupException">A process failed, is gone, or does something else.</exception>
    internal string BroadcastText(string? text, CancellationToken cancellationToken = default)
    {
        uint number = _operation++;
        if (!IsFirst)
        {
            return System.Text.Encoding.UTF8.GetString(_links[0].ReceiveBytes(FrameKind.Text, number, cancellationToken));
        }

        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(text!);
        foreach (var link in _links)
        {
            link.Send(FrameKind.Text, number, utf8);
        }

        return text!;
    }

    /// <summary>Gives everybody's text to rank 0.</summary>
    /// <returns>In rank 0 one of each rank; empty in the others.</returns>
    internal IReadOnlyList<string> GatherText(string text, CancellationToken cancellationToken = default)
    {
        uint number = _operation++;
        if (!IsFirst)
        {
            _links[0].Send(FrameKind.Text, number, System.Text.Encoding.UTF8.GetBytes(text));
            return [];
        }

        return [text, .. _links.Select(link => System.Text.Encoding.UTF8.GetString(link.ReceiveBytes(FrameKind.Text, number, cancellationToken)))];
    }

    /// <summary>Makes sure that all have the same values; waits for all.</summary>
    /// <param name="what">What they are, for the message: <c>settings</c>, <c>data</c>.</param>
    /// <param name="values">This process's, by name.</param>
    /// <param name="cancellationToken">Ends the waiting, and the group with it.</param>
    /// <exception cref="GroupRefusedException">They differ; every rank that does is named, with each of its values. Thrown in rank 0.</exception>
    /// <exception cref="PeerFailedException">They differ; in the others.</exception>
    internal void Agree(string what, JsonObject values, CancellationToken cancellationToken = default)
    {
        var all = GatherText(JsonSerializer.Serialize(values, Checkpoints.ConfigJsonContext.Default.JsonObject), cancellationToken);
        if (IsFirst)
        {
            var differences = new List<string>();
            for (int rank = 1; rank < all.Count; rank++)
            {
                Compare(rank, values, Parse(rank, all[rank]), differences);
            }

            if (differences.Count > 0)
            {
                throw new GroupRefusedException($"The ranks do not have the same {what}:", differences);
            }
        }

        BroadcastText("agreed", cancellationToken);
    }

    /// <summary>
    /// Ends the group because this process failed: the others get a <see cref="PeerFailedException"/> from the operation that they are in, or
    /// come to. Nothing can be done with the group after it. Does nothing the second time.
    /// </summary>
    /// <param name="error">Why.</param>
    public void Fail(Exception error) => Fail(error, Link.Farewell);

    /// <inheritdoc cref="Fail(Exception)"/>
    /// <param name="error">Why.</param>
    /// <param name="patience">How long it waits for the others to end, too.</param>
    internal void Fail(Exception error, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (_failed)
        {
            return;
        }

        _failed = true;
        // What came from another rank is told on as that rank's.
        var (rank, reason, code) = error is PeerFailedException peer ? (peer.Rank, peer.Reason, peer.Code) : (Rank, error.Message, CodeOf(error));
        Link.Leave(_links, rank, reason, code, patience);
    }

    /// <summary>Closes the connections. Where others still expect something they see that this process is gone.</summary>
    public void Dispose()
    {
        foreach (var link in _links)
        {
            link.Dispose();
        }
    }

    private static JsonObject Parse(int rank, string text)
    {
        try
        {
            if (JsonNode.Parse(text) is JsonObject values)
            {
                _ = values.Count; // names that are there twice are found when they are looked at
                return values;
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
        }

        throw new GroupProtocolException(rank, "values that cannot be read");
    }

    private static void Compare(int rank, JsonObject first, JsonObject other, List<string> differences)
    {
        foreach (string name in first.Select(item => item.Key).Union(other.Select(item => item.Key)))
        {
            bool isThere = first.TryGetPropertyValue(name, out var value), isTheirs = other.TryGetPropertyValue(name, out var theirs);
            if (isThere != isTheirs || !JsonNode.DeepEquals(value, theirs))
            {
                differences.Add(FormattableString.Invariant($"{DisplayText.Escape(name)}: rank {rank} has {Shown(isTheirs, theirs)}, and rank 0 has {Shown(isThere, value)}"));
            }
        }

        static string Shown(bool isThere, JsonNode? value) => !isThere ? "nothing" : value is null ? "none" : DisplayText.Escape(value.ToJsonString());
    }
}
