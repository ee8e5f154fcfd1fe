namespace SafeTensorSharp;

/// <summary>How far a write has come.</summary>
/// <param name="BytesWritten">The bytes written so far, header included.</param>
/// <param name="TotalBytes">The bytes that there will be.</param>
/// <param name="TensorName">The tensor being written; null before the first.</param>
public readonly record struct SafeTensorProgress(long BytesWritten, long TotalBytes, string? TensorName);
