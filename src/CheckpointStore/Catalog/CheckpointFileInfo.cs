namespace CheckpointStorage;

/// <summary>What a manifest says of a file.</summary>
/// <param name="Name">Its name in the checkpoint's directory.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Sha256">The SHA-256 of its bytes, lower-case hex.</param>
/// <param name="Md5">The MD5 of its bytes, lower-case hex, for tools that know nothing else; the store itself checks the SHA-256.</param>
public sealed record CheckpointFileInfo(string Name, long Length, string Sha256, string Md5);
