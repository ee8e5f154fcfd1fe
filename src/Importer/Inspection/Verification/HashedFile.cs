namespace Importer.Inspection.Verification;

/// <summary>A file whose content somebody promised.</summary>
/// <param name="Name">Its name within the directory.</param>
/// <param name="Size">The promised length; null where none is.</param>
/// <param name="Hash">The promised hash, lower-case hex: SHA-256 (64 digits), or git's SHA-1 of a blob (40).</param>
/// <param name="Promise">Who says so, for messages.</param>
internal sealed record HashedFile(string Name, long? Size, string Hash, string Promise);
