namespace HuggingFace.Hub.Client;

/// <summary>The result of hashing what a cache holds.</summary>
/// <param name="FilesChecked">How many files were hashed and compared.</param>
/// <param name="BytesChecked">How many bytes those have.</param>
/// <param name="FilesWithoutHash">How many files could not be checked, because neither a name nor a listing tells their hash.</param>
/// <param name="Problems">What is wrong; empty when all is well.</param>
public sealed record HubCacheVerification(
    int FilesChecked, long BytesChecked, int FilesWithoutHash, IReadOnlyList<HubCacheProblem> Problems);
