using System.Buffers.Binary;

namespace PyTorchCheckpoints;

/// <summary>Tells checkpoints by their first bytes, and says what it is that people have in place of one.</summary>
internal static class ContentSniffer
{
    /// <summary>How many of a file's first bytes are looked at: a tar archive's first header.</summary>
    public const int PrefixBytes = 512;

    private const int TarMagicAt = 257;
    private const string FetchAgain =
        "Download the file again; check the address, the revision and, for a gated repository, the access token.";

    private const string SaveAgain =
        "In Python, with a file whose author you trust: load it, then torch.save(state_dict, path) with a PyTorch from 1.6 on.";

    /// <summary>The container of a file that begins so.</summary>
    /// <exception cref="NotACheckpointException">It is no checkpoint.</exception>
    public static CheckpointContainer Recognise(ReadOnlySpan<byte> start, long length, string? path)
    {
        if (start.StartsWith("PK\x03\x04"u8))
        {
            return CheckpointContainer.Zip;
        }

        // An archive whose name begins like a pickle is still an archive.
        bool isTar = start.Length >= TarMagicAt + 5 && start[TarMagicAt..].StartsWith("ustar"u8);
        if (!isTar && start.StartsWith(LegacyCheckpoint.Start))
        {
            return CheckpointContainer.Legacy;
        }

        (DetectedContent detected, string problem, string remedy) = isTar ? Tar : Find(start, length);
        throw new NotACheckpointException(detected, problem, remedy, path);
    }

    private static (DetectedContent Detected, string Problem, string Remedy) Tar =>
        (DetectedContent.Tar, "This is a tar archive, as PyTorch 0.1.1 wrote it, which is not read", SaveAgain);

    private static (DetectedContent Detected, string Problem, string Remedy) Find(ReadOnlySpan<byte> start, long length)
    {
        ReadOnlySpan<byte> text = (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? start[3..] : start).TrimStart(" \t\r\n"u8);
        if (start.IsEmpty)
        {
            return (DetectedContent.Empty, "The file is empty", FetchAgain);
        }

        if (start.StartsWith("sys_info\0"u8))
        {
            return Tar;
        }

        if (start.StartsWith("PK\x05\x06"u8))
        {
            return (DetectedContent.Zip, "This is a zip archive with nothing in it", FetchAgain);
        }

        if (start.Length > 8 && start[8] == (byte)'{' && BinaryPrimitives.ReadUInt64LittleEndian(start) is >= 2 and var header && header <= (ulong)length)
        {
            return (DetectedContent.SafeTensors, "This is a safetensors file under another name", "Rename it to .safetensors and read it as such.");
        }

        if (start[0] == 0x80 && start.Length > 1 && start[1] is >= 1 and <= 5)
        {
            return (DetectedContent.Pickle, "This is a Python pickle that torch.save did not write", SaveAgain);
        }

        if (start.StartsWith("version "u8))
        {
            return (DetectedContent.GitLfsPointer, "This is a Git LFS pointer, a text that stands for the real file",
                "Run \"git lfs pull\" in the repository, or download the file itself.");
        }

        if (text.StartsWith("<"u8))
        {
            return (DetectedContent.Html, "This is an HTML or XML page, probably an error page that was saved as the file", FetchAgain);
        }

        if (text.StartsWith("{"u8) || text.StartsWith("["u8))
        {
            return (DetectedContent.Json, "This is a JSON text", "If it is the index of a sharded checkpoint, open it as such.");
        }

        if (start.StartsWith("GGUF"u8))
        {
            return (DetectedContent.Gguf, "This is a GGUF file, the format of llama.cpp", "Get the model in safetensors format.");
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return (DetectedContent.Gzip, "This is a gzip archive", "Unpack it with gunzip first.");
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']))
        {
            return (DetectedContent.Hdf5, "This is an HDF5 file, the format of Keras", "Get the model in safetensors format.");
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']))
        {
            return (DetectedContent.Numpy, "This is a NumPy array file", "Get the model in safetensors format.");
        }

        return start.ContainsAnyExcept((byte)0)
            ? (DetectedContent.Unknown, "This is not a PyTorch checkpoint", "Check that it is the right file, and fetch it again.")
            : (DetectedContent.Zeros, "The file begins with zeros, as an unfinished download leaves it", FetchAgain);
    }
}
