using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>Reads what <c>torch.save</c> writes since PyTorch 1.6: the archive's directory and its <c>data.pkl</c>.</summary>
internal static class ZipCheckpoint
{
    private const string PickleName = "/data.pkl";

    public static CheckpointValue Read(CheckpointContent content, CheckpointReadOptions options, List<string> warnings)
    {
        ByteSource source = content.Source;
        ZipDirectory directory = ZipDirectory.Read(source, options.Limits);
        string root = FindRoot(directory, source.Path);
        content.Records = [.. directory.Records.Values];
        content.IsBigEndian = IsBigEndian(directory, root, source);
        ZipRecord pickle = directory.Records[root + PickleName];
        if (pickle.Size > options.Limits.MaxPickleBytes)
        {
            throw new CheckpointLimitException(
                "The length of the pickle in bytes", nameof(CheckpointLimits.MaxPickleBytes), pickle.Size, options.Limits.MaxPickleBytes,
                source.Path, pickle.HeaderOffset);
        }

        long start = pickle.GetDataOffset(source);
        ByteInput input = new(source, start, start + pickle.Size);
        CheckpointValue value = PickleMachine.Run(input, new ZipStorageTable(directory, root, content), options);
        if (input.Remaining > 0)
        {
            throw new CheckpointFormatException(
                CheckpointErrorKind.InvalidPickle, Invariant($"There are {input.Remaining:N0} bytes after the pickle's STOP"),
                "torch.save does not write this; fetch the file again from its source.", source.Path, input.Position);
        }

        if (input.Crc != pickle.Crc)
        {
            CheckpointDataException wrong = WrongChecksum(pickle, input.Crc, source.Path);
            if (options.VerifyChecksums)
            {
                throw wrong;
            }

            warnings.Add(wrong.Message);
        }

        return value;
    }

    /// <summary>What to throw when a record's bytes do not have its checksum.</summary>
    public static CheckpointDataException WrongChecksum(ZipRecord record, uint actual, string? path) => new(
        CheckpointErrorKind.ChecksumMismatch,
        Invariant($"The record {Escape.Quote(record.Name)} has the checksum {actual:X8} instead of {record.Crc:X8}"),
        "The file is damaged, or was changed without correcting the checksum; fetch it again.", path, record.HeaderOffset);

    private static string FindRoot(ZipDirectory directory, string? path)
    {
        List<string> roots = [];
        foreach (string name in directory.Records.Keys)
        {
            if (name.EndsWith(PickleName, StringComparison.Ordinal) && name.IndexOf('/', StringComparison.Ordinal) == name.Length - PickleName.Length)
            {
                roots.Add(name[..^PickleName.Length]);
            }
        }

        if (roots.Count > 1)
        {
            IEnumerable<string> shown = roots.Order(StringComparer.Ordinal).Take(5).Select(root => Escape.Quote(root + PickleName));
            throw new CheckpointFormatException(
                CheckpointErrorKind.InvalidContainer,
                $"The archive has {string.Join(" and ", shown)}, and readers differ in which one they take",
                "torch.save writes one; fetch the file again from its source.", path, position: null);
        }

        if (directory.Records.Keys.FirstOrDefault(IsTorchScript) is { } script)
        {
            throw new NotACheckpointException(
                DetectedContent.TorchScript, $"This is a TorchScript program (it has {Escape.Quote(script)}), not a checkpoint",
                "In Python: torch.save(torch.jit.load(path).state_dict(), \"weights.pt\"), then read that.", path);
        }

        if (roots.Count == 0)
        {
            throw new NotACheckpointException(
                DetectedContent.Zip, "This is a zip archive without data.pkl, so torch.save did not write it",
                "If it is packed up, unpack it and read the checkpoint in it.", path);
        }

        return roots[0];
    }

    private static bool IsTorchScript(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && (name.AsSpan(slash).SequenceEqual("/constants.pkl") || name.AsSpan(slash).StartsWith("/code/"));
    }

    private static bool IsBigEndian(ZipDirectory directory, string root, ByteSource source)
    {
        if (!directory.Records.TryGetValue(root + "/byteorder", out ZipRecord? record))
        {
            return false;
        }

        Span<byte> order = stackalloc byte[6];
        if (record.Size is 3 or 6)
        {
            order = order[..(int)record.Size];
            source.ReadExactly(order, record.GetDataOffset(source));
            if (order.SequenceEqual("little"u8) || order.SequenceEqual("big"u8))
            {
                return order.Length == 3;
            }
        }

        throw new CheckpointFormatException(
            CheckpointErrorKind.InvalidContainer, "The record \"byteorder\" is neither little nor big",
            "torch.save writes one of them; fetch the file again from its source.", source.Path, record.HeaderOffset);
    }
}
