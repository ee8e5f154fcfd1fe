namespace HuggingFace.Hub.Client;

/// <summary>The body of an answer to a request for a file or a part of it, checked to be what was asked for.</summary>
internal sealed class RangeBody : IDisposable
{
    private readonly HubResponse _response;
    private readonly BodyReader _reader;

    public RangeBody(HubResponse response, BodyReader reader, HubErrorContext context, long start, long? end, long? total, bool isWhole)
    {
        _response = response;
        _reader = reader;
        Context = context;
        Start = start;
        End = end;
        Total = total;
        IsWhole = isWhole;
    }

    public HubErrorContext Context { get; }

    /// <summary>The offset of its first byte in the file.</summary>
    public long Start { get; }

    /// <summary>The offset after its last byte; null when the server did not tell.</summary>
    public long? End { get; }

    /// <summary>The size of the whole file as this answer tells it; null when it does not.</summary>
    public long? Total { get; }

    /// <summary>Whether the server sent the whole file (status 200), asked for a range or not.</summary>
    public bool IsWhole { get; }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _reader.ReadAsync(buffer, cancellationToken);

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
