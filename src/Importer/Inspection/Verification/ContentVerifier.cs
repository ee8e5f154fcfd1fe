using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Importer.IO;

namespace Importer.Inspection.Verification;

/// <summary>Hashes files and compares them with what was promised.</summary>
internal sealed class ContentVerifier(string directory, Action<VerificationProblemKind, string?, string> report)
{
    private const int GitHashLength = 40;

    /// <summary>Bytes that were hashed.</summary>
    public long BytesHashed { get; private set; }

    /// <summary>Verifies files; those that are missing or too short are not hashed.</summary>
    /// <returns>The names of the files that are as they should be.</returns>
    public HashSet<string> Verify(IReadOnlyList<HashedFile> files, IProgress<InspectionProgress>? progress, CancellationToken cancellationToken)
    {
        List<(HashedFile File, long Length)> present = [];
        foreach (var file in files)
        {
            var facts = FileFacts.TryOf(Path.Combine(directory, file.Name));
            if (facts.Kind != FileKind.File)
            {
                report(VerificationProblemKind.Missing, file.Name, facts.Kind == FileKind.Missing ? "it is missing" : "it is no file");
            }
            else if (file.Size is { } size && size != facts.Length)
            {
                report(VerificationProblemKind.Size, file.Name, string.Create(CultureInfo.InvariantCulture, $"it has {facts.Length:N0} bytes, and {size:N0} by {file.Promise}"));
            }
            else
            {
                present.Add((file, facts.Length));
            }
        }

        long total = present.Sum(file => file.Length), done = 0;
        var good = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (file, length) in present)
        {
            string actual = Hash(Path.Combine(directory, file.Name), file.Hash.Length == GitHashLength ? length : null, Progress, cancellationToken);
            if (actual == file.Hash)
            {
                good.Add(file.Name);
            }
            else
            {
                report(VerificationProblemKind.Content, file.Name, $"its hash is {actual}, and {file.Hash} by {file.Promise}");
            }
        }

        BytesHashed += done;
        return good;

        void Progress(long bytes)
        {
            done += bytes;
            progress?.Report(new InspectionProgress(InspectionPhase.Hashing, done, total));
        }
    }

    private static string Hash(string path, long? gitLength, Action<long> progress, CancellationToken cancellationToken)
    {
        if (gitLength is not { } length)
        {
            return FileHash.Sha256(path, progress, cancellationToken);
        }

        // The hub names files outside LFS as git does.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {length}\0")));
        using var stream = new FileStream(RegularFile.Open(path), FileAccess.Read, bufferSize: 0);
        byte[] block = new byte[1 << 18];
        for (int read; (read = stream.Read(block)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(block, 0, read);
            progress(read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
