using System.Diagnostics;
using Importer.Mapping;
using Importer.Models.Layers;
using Importer.Runtime;
using Importer.Sources;
using Importer.Transfer;
using Microsoft.Extensions.Logging;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Loading;

/// <summary>
/// Loads what a plan says into parameters, and gives them to a model that is built around them. Parameters are allocated
/// once, never initialised, and filled by one read; or they are views of an imported file and nothing is read at all.
/// </summary>
internal sealed partial class ParameterLoader
{
    private readonly ModelDirectory _directory;
    private readonly LoadPlan _plan;
    private readonly PretrainedOptions _options;
    private readonly Device _device;
    private readonly ScalarType _dtype;

    public ParameterLoader(ModelDirectory directory, LoadPlan plan, PretrainedOptions options)
    {
        _directory = directory;
        _plan = plan;
        _options = options;
        _device = options.Device ?? (cuda.is_available() ? CUDA : CPU);
        _dtype = options.DType ?? ScalarType.Float32;
    }

    /// <summary>Loads the parameters and builds the model around them.</summary>
    /// <param name="rows">The rows wanted of a parameter's first dimension; null for all that the checkpoint has.</param>
    /// <param name="build">Builds the model from its parameters.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TiedWeightsDifferException">The checkpoint stores a tied tensor twice, with different content.</exception>
    public (TModel Model, LoadReport Report) Load<TModel>(
        Func<PlanRow, long?> rows, Func<ParameterScope, TModel> build, CancellationToken cancellationToken)
        where TModel : nn.Module
    {
        var planned = _plan.RowsInFileOrder
            .Select(row => new PlannedParameter(row, rows(row) ?? (row.Shape.Count == 0 ? 1 : row.Shape[0]))).ToList();
        bool map = _options.MapWhenPossible && _directory.IsImported && _device.type == DeviceType.CPU &&
            planned.All(parameter => parameter.Row.IsMappable && TorchDTypes.ToTorch(parameter.Row.DType) == _dtype);

        long bytes = planned.Sum(parameter => parameter.BytesToRead), done = 0;
        var progress = _options.Progress;
        void Report(LoadPhase phase, long total, long more) =>
            progress?.Report(new LoadProgress(phase, Interlocked.Add(ref done, more), total));

        TiedWeights.Verify(_plan, _directory.Weights, (total, more) => Report(LoadPhase.Verifying, total, more), cancellationToken);
        Interlocked.Exchange(ref done, 0);

        var parameters = new Dictionary<string, Parameter>(planned.Count, StringComparer.Ordinal);
        try
        {
            if (map)
            {
                ParameterMemory.Map(planned, parameter => _directory.PathOf(parameter.Row.Source.File), parameters);
                Report(LoadPhase.Reading, bytes, bytes);
            }
            else if (_device.type == DeviceType.CPU)
            {
                ParameterMemory.Allocate(planned, _dtype, parameters);
                var byRow = planned.ToDictionary(parameter => parameter.Row);
                PlanExecutor.Execute(
                    planned.Select(parameter => parameter.Row),
                    _directory.Weights,
                    row => new TransferTarget(ParameterMemory.Address(parameters[row.Target]), byRow[row].Rows),
                    more => Report(LoadPhase.Reading, bytes, more),
                    cancellationToken);
            }
            else
            {
                using var uploader = new StagedUploader(_device, _dtype);
                foreach (var parameter in planned)
                {
                    parameters.Add(
                        parameter.Name,
                        uploader.Upload(parameter, _directory.Weights, more => Report(LoadPhase.Reading, bytes, more), cancellationToken));
                }
            }

            var model = Build(parameters, build);
            model.train(_options.Training);
            var report = Describe(planned, map, map ? 0 : bytes);
            Log(report);
            return (model, report);
        }
        catch
        {
            foreach (var parameter in parameters.Values)
            {
                parameter.Dispose();
            }

            throw;
        }
    }

    private TModel Build<TModel>(Dictionary<string, Parameter> parameters, Func<ParameterScope, TModel> build)
    {
        var left = new HashSet<string>(parameters.Keys, StringComparer.Ordinal);
        var model = build(new ParameterScope((name, shape) =>
        {
            if (!parameters.TryGetValue(name, out var parameter) || !parameter.shape.AsSpan().SequenceEqual(shape) || !left.Remove(name))
            {
                throw new InvalidOperationException(
                    $"The model asks for {name} [{string.Join(", ", shape)}], which the mapping {_plan.Mapping.Name} does not give it.");
            }

            return parameter;
        }));
        return left.Count == 0
            ? model
            : throw new InvalidOperationException($"The mapping {_plan.Mapping.Name} gives {left.First()}, which the model does not have.");
    }

    private LoadReport Describe(List<PlannedParameter> planned, bool map, long bytesRead) => new()
    {
        Directory = _directory.Path,
        Mapping = _plan.Mapping.Name,
        Prefix = _plan.Prefix,
        Loaded = [.. _plan.Rows.Select(row => row.Target)],
        Tied = _plan.Ties.ToDictionary(tie => tie.Target, tie => tie.To),
        Dropped = [.. _plan.Dropped.Select(dropped => dropped.Source.Name)],
        Converted = _plan.Rows.Where(row => row.IsCast)
            .ToDictionary(row => row.Target, row => row.Sources.First(source => source.DType != row.DType).DType),
        Cropped = planned.Where(parameter => parameter.IsCropped).ToDictionary(parameter => parameter.Name, parameter => parameter.Row.Shape[0]),
        Warnings = _plan.Warnings,
        BytesRead = bytesRead,
        ParameterBytes = planned.Sum(parameter => parameter.Elements * ParameterDTypes.ByteSize(parameter.Row.DType)),
        IsMapped = map,
        Elapsed = Stopwatch.GetElapsedTime(_directory.OpenedAt),
    };

    private void Log(LoadReport report)
    {
        if (_options.Logger is { } logger)
        {
            foreach (string warning in report.Warnings)
            {
                LogWarning(logger, report.Directory, warning);
            }

            // What the numbers and the speed of everything that follows depend on.
            var torch = TorchEnvironment.Current();
            foreach (string warning in torch.Warnings)
            {
                LogWarning(logger, "torch", warning);
            }

            LogLoaded(logger, report.Directory, report, torch);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Directory}: {Warning}")]
    private static partial void LogWarning(ILogger logger, string directory, string warning);

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded {Directory}: {Report}; {Torch}")]
    private static partial void LogLoaded(ILogger logger, string directory, LoadReport report, TorchEnvironment torch);
}
