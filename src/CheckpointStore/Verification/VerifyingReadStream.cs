using System.Security.Cryptography;
using CheckpointStorage.IO;

namespace CheckpointStorage.Verification;

/// <summary>A checkpoint's file from its beginning to its end; the end is only reported when the bytes were what was saved.</summary>
internal sealed class VerifyingReadStream(string directory, CheckpointFileInfo file, IStoreFileReader reader) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;
    private bool _verified;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        int read = reader.Read(buffer, _position);
        if (read > 0)
        {
            _hash.AppendData(buffer[..read]);
            _position += read;
        }
        else if (!_verified)
        {
            string sha256 = Convert.ToHexStringLower(_hash.GetHashAndReset());
            if (sha256 != file.Sha256)
            {
                throw new CheckpointDamagedException(
                    directory, [new CheckpointProblem(CheckpointProblemKind.WrongHash, file.Name, $"its SHA-256 is {sha256} instead of {file.Sha256}")]);
            }

            _verified = true;
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            reader.Dispose();
        }

        base.Dispose(disposing);
    }
}
