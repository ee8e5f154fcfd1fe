using System.Globalization;
using Importer.IO;
using Importer.Sources;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Inspection.Verification;

/// <summary>Verifies weights as containers: headers, bounds, checksums, and that shards and index agree.</summary>
internal sealed class ContainerVerifier(
    string directory, Action<VerificationProblemKind, string?, string> report, Action<string> note, IProgress<InspectionProgress>? progress)
{
    /// <summary>Bytes that were compared with a checksum.</summary>
    public long BytesHashed { get; private set; }

    /// <summary>Verifies weights files and indexes.</summary>
    /// <param name="weights">Their names.</param>
    /// <param name="intact">Files whose content is known to be right already.</param>
    /// <param name="files">Takes in the names of all files that were looked at.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public void Verify(IEnumerable<string> weights, HashSet<string> intact, HashSet<string> files, CancellationToken cancellationToken)
    {
        foreach (string name in weights)
        {
            files.Add(name);
            if (name.EndsWith(".json", StringComparison.Ordinal))
            {
                VerifySet(name, intact, files, cancellationToken);
            }
            else if (name.EndsWith(".safetensors", StringComparison.Ordinal) || PyTorchSource.TakesName(name))
            {
                _ = VerifyFile(name, intact, cancellationToken);
            }
            else
            {
                report(VerificationProblemKind.Format, name, "only safetensors files and PyTorch checkpoints (.bin, .pt, .pth) are read");
            }
        }
    }

    private void VerifySet(string name, HashSet<string> intact, HashSet<string> files, CancellationToken cancellationToken)
    {
        SafeTensorIndex index;
        try
        {
            index = SafeTensorIndex.Load(Path.Combine(directory, name));
        }
        catch (Exception e) when (VerificationErrors.Kind(e) is { } kind)
        {
            // What an index is not is a fault of its form, whichever exception says so.
            VerificationErrors.Tell(kind == VerificationProblemKind.Inconsistent ? VerificationProblemKind.Format : kind, name, e, report);
            return;
        }

        foreach (string warning in index.Warnings)
        {
            note($"{name}: {warning}");
        }

        List<(string File, IEnumerable<string> Names)> parts = [];
        long bytes = 0, distinct = 0;
        foreach (string shard in index.FileNames)
        {
            files.Add(shard);
            if (FileFacts.TryOf(Path.Combine(directory, shard)).Kind == FileKind.Missing)
            {
                report(VerificationProblemKind.Missing, shard, $"it is missing, and {name} lists it");
            }
            else if (VerifyFile(shard, intact, cancellationToken) is { } tensors)
            {
                parts.Add((shard, tensors.Select(tensor => tensor.Name)));
                bytes += tensors.Sum(tensor => tensor.Bytes);
                distinct += tensors.Where(tensor => !tensor.IsTied).Sum(tensor => tensor.Bytes);
            }
        }

        foreach (string problem in ShardAgreement.Problems(index, parts))
        {
            report(VerificationProblemKind.Inconsistent, name, problem);
        }

        if (parts.Count == index.FileNames.Count && index.TotalSize is { } total && total != bytes && total != distinct)
        {
            note(string.Create(CultureInfo.InvariantCulture, $"{name} says that the tensors take {total:N0} bytes; they take {bytes:N0}."));
        }
    }

    private IReadOnlyList<(string Name, long Bytes, bool IsTied)>? VerifyFile(string name, HashSet<string> intact, CancellationToken cancellationToken)
    {
        try
        {
            // Only regular files are opened: a pipe would wait for ever.
            using (RegularFile.Open(Path.Combine(directory, name)))
            {
            }

            return PyTorchSource.TakesName(name)
                ? VerifyPickle(name, isIntact: intact.Contains(name), cancellationToken)
                : [.. SafeTensorHeader.Identify(Path.Combine(directory, name)).Tensors.Select(tensor => (tensor.Name, tensor.ByteCount, false))];
        }
        catch (Exception e) when (VerificationErrors.Kind(e) is { } kind)
        {
            VerificationErrors.Tell(kind, name, e, report);
            return null;
        }
    }

    private IReadOnlyList<(string Name, long Bytes, bool IsTied)> VerifyPickle(string name, bool isIntact, CancellationToken cancellationToken)
    {
        using var checkpoint = PyTorchCheckpoint.Open(Path.Combine(directory, name));
        foreach (string warning in checkpoint.Header.Warnings)
        {
            note($"{name}: {warning}");
        }

        if (!isIntact)
        {
            // A zip archive has a checksum of every record; a legacy file has none.
            long before = BytesHashed;
            checkpoint.Verify(
                new Listener(bytes =>
                {
                    BytesHashed = before + bytes;
                    progress?.Report(new InspectionProgress(InspectionPhase.Hashing, bytes, checkpoint.Header.FileLength));
                }),
                cancellationToken);
        }

        // Some writers count what two names share twice, and some once.
        var tied = checkpoint.StateDict.FindTies().SelectMany(names => names.Skip(1)).ToHashSet(StringComparer.Ordinal);
        return [.. checkpoint.StateDict.Tensors.Select(tensor => (tensor.Name!, tensor.ByteCount, tied.Contains(tensor.Name!)))];
    }

    private sealed class Listener(Action<long> action) : IProgress<long>
    {
        public void Report(long value) => action(value);
    }
}
