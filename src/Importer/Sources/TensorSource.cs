namespace Importer.Sources;

/// <summary>
/// One face over every container of weights: what tensors there are, and their bytes, read to where they are wanted.
/// Opening reads headers only. Reads may come from several threads at once.
/// </summary>
public abstract class TensorSource : IDisposable
{
    /// <summary>Every tensor, in the order of files and of offsets within them.</summary>
    public abstract IReadOnlyList<SourceTensor> Tensors { get; }

    /// <summary>The files that hold the weights, index included, relative to the source's directory.</summary>
    public abstract IReadOnlyList<string> Files { get; }

    /// <summary>What the container itself says about its content; empty where it says nothing.</summary>
    public abstract IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Bytes read so far to know the headers; no tensor data among them.</summary>
    public abstract long HeaderBytes { get; }

    /// <summary>Reads bytes of a tensor, all of them or none: a short read is an error.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="offset">Where to begin within the tensor's bytes.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="IOException">The file was cut or replaced since it was opened, or cannot be read.</exception>
    public abstract void Read(SourceTensor tensor, long offset, Span<byte> destination);

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the files.</summary>
    /// <param name="disposing">True from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
