using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// Reads what <c>torch.save</c> wrote from PyTorch 0.1.10 to 1.5: five pickles (magic number, protocol, system, object, keys of the
/// storages), then each storage with its number of elements before it.
/// </summary>
internal static class LegacyCheckpoint
{
    private const int Protocol = 1001;
    private const string Remedy = "It is damaged or from a program other than PyTorch; fetch it again, or save it again with torch.save.";

    private static readonly Int128 Magic = new(0x1950, 0xa86a20f9469cfc6c);

    /// <summary>The first pickle: PROTO 2, LONG1 with the magic number, STOP.</summary>
    public static ReadOnlySpan<byte> Start => [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.'];

    public static CheckpointValue Read(CheckpointContent content, CheckpointReadOptions options, List<string> warnings)
    {
        string? path = content.Source.Path;
        ByteInput input = new(content.Source, 0, content.Length);
        if (PickleMachine.Run(input, null, options) is not IntegerValue magic || magic.Value != Magic)
        {
            throw Error("The magic number is wrong", 0);
        }

        if (PickleMachine.Run(input, null, options) is not IntegerValue { Value: var protocol } || protocol != Protocol)
        {
            throw Error(Invariant($"The protocol is not {Protocol}"), Start.Length);
        }

        long systemAt = input.Position;
        bool isLittle = ReadSystem(PickleMachine.Run(input, null, options));
        LegacyStorageTable storages = new(content);
        CheckpointValue value = PickleMachine.Run(input, storages, options);
        CheckpointValue keys = PickleMachine.Run(input, null, options);
        storages.Place(keys, input.Position);
        if (!isLittle)
        {
            if (storages.FindComplex() is { } complex)
            {
                throw Error($"Storage {Escape.Quote(complex.Key)} of complex numbers was saved on a big-endian machine", systemAt);
            }

            // THPStorage_writeFileRaw turns elements into little-endian order itself, and load ignores what is told here.
            warnings.Add("The file was saved on a big-endian machine; in this format the tensors are little-endian nevertheless.");
        }

        return value;

        bool ReadSystem(CheckpointValue system)
        {
            if (system is not DictionaryValue info || !info.TryGetValue("protocol_version", out CheckpointValue? version)
                || version is not IntegerValue { Value: var number } || number != Protocol
                || !info.TryGetValue("little_endian", out CheckpointValue? little) || little is not BooleanValue isLittle
                || !info.TryGetValue("type_sizes", out CheckpointValue? sizes) || sizes is not DictionaryValue table
                || !Is(table, "short", 2) || !Is(table, "int", 4) || !(Is(table, "long", 4) || Is(table, "long", 8)))
            {
                throw Error("The description of the system is not what torch.save writes", systemAt);
            }

            return isLittle.Value;
        }

        CheckpointFormatException Error(string problem, long position) =>
            new(CheckpointErrorKind.InvalidContainer, problem, Remedy, path, position);
    }

    private static bool Is(DictionaryValue sizes, string name, int size) =>
        sizes.TryGetValue(name, out CheckpointValue? value) && value is IntegerValue { Value: var number } && number == size;
}
