using System.Numerics;

namespace SafeTensorSharp;

/// <summary>How files are written.</summary>
public sealed class SafeTensorWriteOptions
{
    internal static SafeTensorWriteOptions Default { get; } = new();

    /// <summary>
    /// The data section begins at a multiple of this many bytes, by spaces after the header: a power of two from 8 to 65,536. 8 by
    /// default, as the reference implementation writes; 64 (a cache line, AVX-512) suits files that are mapped. Within the section
    /// tensors follow each other without gaps, larger element types first, so each is aligned to its elements' size.
    /// </summary>
    public int DataAlignment { get; init; } = 8;

    /// <summary>Whether to compute the file's SHA-256 while it is written, on a thread of its own. False by default.</summary>
    public bool ComputeSha256 { get; init; }

    /// <summary>Whether an existing file is replaced, in one step, once the new one is complete. True by default.</summary>
    public bool Overwrite { get; init; } = true;

    /// <summary>
    /// Whether to wait until the file's content and its name are on the disk, so that they survive a power failure. True by default.
    /// </summary>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>Bounds that the header keeps, so that every reader takes it; <see cref="SafeTensorLimits.Default"/> by default.</summary>
    public SafeTensorLimits Limits { get; init; } = SafeTensorLimits.Default;

    internal static SafeTensorWriteOptions Validate(SafeTensorWriteOptions? options)
    {
        options ??= Default;
        ArgumentNullException.ThrowIfNull(options.Limits, nameof(Limits));
        options.Limits.Validate();
        return options.DataAlignment is >= 8 and <= 65_536 && BitOperations.IsPow2(options.DataAlignment)
            ? options
            : throw new ArgumentOutOfRangeException(
                nameof(options), options.DataAlignment, $"{nameof(DataAlignment)} must be a power of two from 8 to 65536.");
    }
}
