namespace Importer.Sources;

/// <summary>The headers of weights whose data is on the hub.</summary>
/// <param name="files">The files, index included, with their sizes.</param>
/// <param name="tensors">Their tensors.</param>
/// <param name="metadata">What the only file says about itself.</param>
/// <param name="headerBytes">Bytes that were fetched.</param>
internal sealed class RemoteHeaders(
    IReadOnlyDictionary<string, long> files, IReadOnlyList<SourceTensor> tensors, IReadOnlyDictionary<string, string> metadata, long headerBytes) : TensorSource
{
    public override IReadOnlyList<SourceTensor> Tensors => tensors;

    public override IReadOnlyList<string> Files { get; } = [.. files.Keys];

    /// <summary>The sizes of the files in bytes.</summary>
    public IReadOnlyDictionary<string, long> Sizes => files;

    public override IReadOnlyDictionary<string, string> Metadata => metadata;

    public override long HeaderBytes => headerBytes;

    /// <summary>Never: whoever needs data downloads the model.</summary>
    public override void Read(SourceTensor tensor, long offset, Span<byte> destination) =>
        throw new InvalidOperationException($"Only the headers of {tensor.File} were fetched.");

    protected override void Dispose(bool disposing)
    {
    }
}
