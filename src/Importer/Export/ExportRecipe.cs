using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Mapping;
using Importer.Mapping.Planning;
using Importer.Sources;
using Importer.Transfer;
using SafeTensorSharp;

namespace Importer.Export;

/// <summary>How a source becomes the files of one layout: the plan, and what is written beside the tensors.</summary>
internal abstract class ExportRecipe
{
    private protected ExportRecipe(ExportSource source, ExportOptions options)
    {
        Source = source;
        Options = options;
        Parameters = source.Parameters;
    }

    /// <summary>What is exported.</summary>
    public ExportSource Source { get; }

    /// <summary>What the plan's rows are made of.</summary>
    public TensorSource Parameters { get; protected init; }

    /// <summary>Every tensor to write.</summary>
    public required ExportPlan Plan { get; init; }

    /// <summary>What a person should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The names of the files to write.</summary>
    public abstract IReadOnlyList<string> FileNames { get; }

    /// <summary>Bytes of all tensors to write.</summary>
    public virtual long TensorBytes => Plan.BytesToWrite;

    /// <summary>Bytes that all files take, to within their headers.</summary>
    public abstract long BytesToWrite { get; }

    /// <summary>The number of parameters.</summary>
    public long ParameterCount => Source.Parameters.Tensors.Sum(tensor => tensor.ByteCount / (DTypes.BitSize(tensor.DType) / 8));

    protected ExportOptions Options { get; }

    /// <summary>The recipe of a layout.</summary>
    /// <exception cref="UnsupportedExportException">The layout cannot express the model.</exception>
    /// <exception cref="MappingException">The parameters do not fit the configuration.</exception>
    public static ExportRecipe For(ExportSource source, ExportOptions options) => options.Format == ExportFormat.NanoGpt
        ? NanoGptRecipe.Of(source, options)
        : TransformersRecipe.Of(source, options);

    /// <summary>Writes all files, flushed.</summary>
    /// <param name="directory">An empty directory.</param>
    /// <param name="rows">Makes the tensors.</param>
    /// <param name="progress">Told of the bytes of tensors that are written.</param>
    /// <param name="cancellationToken">Stops within a block.</param>
    public abstract void Write(string directory, RowStream rows, Action<long> progress, CancellationToken cancellationToken);

    /// <summary>A table run backwards over the parameters.</summary>
    protected static ExportPlan PlanBy(string family, JsonObject config, TensorSource parameters, ExportOptions options, string? prefix)
    {
        using var json = JsonDocument.Parse(config.ToJsonString());
        return MappingCatalog.BuiltIn.Find(family)!.PlanExport(ModelConfigValues.From(json.RootElement), parameters.Tensors, new ExportPlanOptions
        {
            Prefix = prefix,
            TargetDType = options.DType,
            TiedCopies = false,
            RestoreDropped = options.WriteMasks,
        });
    }

    /// <summary>The part of a source's prefix that a table knows, without what DistributedDataParallel and torch.compile left before it.</summary>
    protected static string? Unwrapped(string family, string? prefix) =>
        KeyPrefix.Candidates(MappingCatalog.BuiltIn.Find(family)!.Table).FirstOrDefault(candidate => candidate.Whole == prefix)?.Prefix;
}
