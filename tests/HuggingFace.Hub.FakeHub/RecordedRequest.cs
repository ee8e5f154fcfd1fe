namespace HuggingFace.Hub.FakeHub;

/// <summary>A request as it arrived.</summary>
public sealed class RecordedRequest
{
    private long _bytes;

    public required bool IsCdn { get; init; }

    public required string Method { get; init; }

    /// <summary>The path and query byte for byte.</summary>
    public required string Target { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public int Status { get; set; }

    /// <summary>How many bytes of a file's content were sent.</summary>
    public long ContentBytes => Interlocked.Read(ref _bytes);

    public string? Authorization => Headers.GetValueOrDefault("Authorization");

    public string? Range => Headers.GetValueOrDefault("Range");

    public string Path => Target.Split('?')[0];

    public void Sent(int count) => Interlocked.Add(ref _bytes, count);

    public override string ToString() => $"{(IsCdn ? "cdn" : "hub")} {Method} {Target} {Range} -> {Status}";
}
