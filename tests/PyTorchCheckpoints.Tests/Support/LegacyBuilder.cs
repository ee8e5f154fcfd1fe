namespace PyTorchCheckpoints.Tests;

/// <summary>Puts legacy files together from their parts, each of which may be wrong.</summary>
internal sealed class LegacyBuilder
{
    public byte[] Magic { get; init; } = [.. LegacyCheckpoint.Start];

    public int Protocol { get; init; } = 1001;

    public byte[]? System { get; init; }

    public required byte[] Pickle { get; init; }

    public required string[] Keys { get; init; }

    /// <summary>What stands after the pickles; numbers of elements included.</summary>
    public byte[] Data { get; init; } = [];

    public static byte[] SystemInfo(bool littleEndian = true, int shortSize = 2, int protocol = 1001) => PickleBuilder.Start().Dict(
        ("protocol_version", p => p.Int(protocol)),
        ("little_endian", p => p.Do(q => _ = littleEndian ? q.True() : q.False())),
        ("type_sizes", p => p.Dict(("short", q => q.Int(shortSize)), ("int", q => q.Int(4)), ("long", q => q.Int(4))))).Stop();

    /// <summary>A storage's bytes with the number of its elements before them.</summary>
    public static byte[] Storage(long count, byte[] content) => [.. BitConverter.GetBytes(count), .. content];

    /// <summary>A storage as legacy files name it.</summary>
    public static Action<PickleBuilder> Id(string key, long count, Action<PickleBuilder>? view = null) =>
        p => p.Storage(key, count, view: view ?? (v => v.None()));

    public byte[] ToArray()
    {
        PickleBuilder keys = PickleBuilder.Start().Op(']').Op('(');
        foreach (string key in Keys)
        {
            keys.Text(key);
        }

        return [.. Magic, .. PickleBuilder.Start().Int(Protocol).Stop(), .. System ?? SystemInfo(), .. Pickle, .. keys.Op('e').Stop(), .. Data];
    }
}
