using System.Text;
using Importer.Sources;
using Microsoft.Extensions.Logging;
using SafeTensorSharp;

namespace Importer.Conversion;

/// <summary>How weights are imported.</summary>
public sealed class ImportOptions
{
    private const int LongestName = 255;

    /// <summary>
    /// The dtype to write: F32, F64, F16 or BF16. <value>The default, null, keeps each tensor's own,
    /// bit for bit; 8-bit floats become BF16, which holds their values exactly.</value>
    /// </summary>
    public DType? DType { get; init; }

    /// <summary>
    /// Whether an earlier import that differs (other source, other dtype) is replaced. <value>The default is false: it is
    /// reported and left alone.</value>
    /// </summary>
    public bool Force { get; init; }

    /// <summary>The name of the directory that is made. <value>The default, null, is the source's own name.</value></summary>
    public string? Name { get; init; }

    /// <summary>
    /// A mapping table of your own that is used instead of the library's: a file in the language that <c>mappings/README.md</c>
    /// explains. The imported directory gets a copy, so that it can be loaded without it.
    /// <value>The default, null, finds the table by the keys of the weights.</value>
    /// </summary>
    public string? MappingFile { get; init; }

    /// <summary>
    /// Whether tensors that are left out because their content is known, such as causal masks, are read and compared with it.
    /// <value>The default is false: they are not read.</value>
    /// </summary>
    public bool VerifyDropped { get; init; }

    /// <summary>Told what was done, and what was odd about the source or the earlier import. <value>The default is null: nothing is logged.</value></summary>
    public ILogger? Logger { get; init; }

    /// <summary>Told how far the import has come. <value>The default is null.</value></summary>
    public IProgress<ImportProgress>? Progress { get; init; }

    /// <summary>
    /// How a model that is named by its id is fetched: revision, token, cache, offline and the rest.
    /// <value>The default, null, is the main branch with the environment's settings.</value>
    /// </summary>
    public HubAccess? Hub { get; init; }

    internal void Validate()
    {
        if (DType is { } dtype && dtype is not (SafeTensorSharp.DType.F32 or SafeTensorSharp.DType.F64 or SafeTensorSharp.DType.F16 or SafeTensorSharp.DType.BF16))
        {
            throw new ArgumentException($"DType is {DTypes.Name(dtype)}; weights are written as F32, F64, F16 or BF16.", nameof(DType));
        }

        if (Name is { } longName && Encoding.UTF8.GetByteCount(longName) > LongestName)
        {
            throw new ArgumentException($"A name of {Encoding.UTF8.GetByteCount(longName)} bytes is too long for a directory; file systems allow {LongestName}.", nameof(Name));
        }

        if (Name is { } name && (name.Length == 0 || name is "." or ".." || name.AsSpan().IndexOfAny("/\\:*?") >= 0 || name.StartsWith('.') || name.Any(char.IsControl)))
        {
            throw new ArgumentException($"'{DisplayText.Escape(name)}' is no name for a directory; give a plain one, such as gpt2.", nameof(Name));
        }
    }
}
