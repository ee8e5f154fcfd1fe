using System.Globalization;
using SafeTensorSharp;

namespace Importer.Loading;

/// <summary>What a load did: which tensors went where, what was left out, and what it cost.</summary>
public sealed record LoadReport
{
    /// <summary>The directory that was loaded.</summary>
    public required string Directory { get; init; }

    /// <summary>The mapping that was applied, such as <c>gpt2</c>.</summary>
    public required string Mapping { get; init; }

    /// <summary>The prefix that the checkpoint's keys had; empty for none.</summary>
    public required string Prefix { get; init; }

    /// <summary>The names of the parameters that were loaded.</summary>
    public required IReadOnlyList<string> Loaded { get; init; }

    /// <summary>Names that are another parameter, and which: the tied head.</summary>
    public required IReadOnlyDictionary<string, string> Tied { get; init; }

    /// <summary>Keys of the checkpoint that are no parameters and were not read, such as causal masks.</summary>
    public required IReadOnlyList<string> Dropped { get; init; }

    /// <summary>Parameters whose dtype changed on the way, with the dtype that the checkpoint has.</summary>
    public required IReadOnlyDictionary<string, DType> Converted { get; init; }

    /// <summary>Parameters that were cropped to a smaller block size, with the rows that the checkpoint has.</summary>
    public required IReadOnlyDictionary<string, long> Cropped { get; init; }

    /// <summary>What is odd about the checkpoint without being wrong.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Bytes of tensor data that were read. Zero when the parameters are views of the mapped file.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Bytes that the parameters take.</summary>
    public required long ParameterBytes { get; init; }

    /// <summary>Whether the parameters are views of the file, mapped privately, so that nothing was copied.</summary>
    public required bool IsMapped { get; init; }

    /// <summary>From the opening of the directory to the ready model: configuration, headers and plan included, a download not.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>One line for a log.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Loaded.Count} tensors, {ParameterBytes / 1e6:N1} MB {(IsMapped ? "mapped" : "read")} in {Elapsed.TotalSeconds:N2} s " +
        $"({Tied.Count} tied, {Dropped.Count} dropped, {Converted.Count} converted)");
}
