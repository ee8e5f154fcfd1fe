using HuggingFace.Hub.Client;
using Importer.Transfer;
using SafeTensorSharp;

namespace Importer.Inspection.Comparison;

/// <summary>Says in what two checkpoints of any format differ. Both are read in blocks; at most one tensor of each is held.</summary>
public static class CheckpointComparer
{
    /// <summary>Compares two checkpoints.</summary>
    /// <param name="a">A directory, a weights file, or a model's id on the hub, which is downloaded.</param>
    /// <param name="b">The other.</param>
    /// <param name="options">Tolerance and naming; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="PretrainedException">A checkpoint is missing, its configuration is broken, or the mapping table fits neither.</exception>
    /// <exception cref="SafeTensorException">A weights file is broken.</exception>
    /// <exception cref="PyTorchCheckpoints.CheckpointException">A checkpoint of PyTorch is broken or hostile.</exception>
    /// <exception cref="HubException">The hub does not give one of them.</exception>
    /// <exception cref="IOException">Something cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be read.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<CheckpointComparison> CompareAsync(
        string a, string b, ComparisonOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(a);
        ArgumentException.ThrowIfNullOrWhiteSpace(b);
        options ??= new ComparisonOptions();
        options.Validate();
        using var first = await ComparisonSide.OpenAsync(a, options.MappingFile, options.Hub, cancellationToken).ConfigureAwait(false);
        using var second = await ComparisonSide.OpenAsync(b, options.MappingFile, options.Hub, cancellationToken).ConfigureAwait(false);
        if (first.Misfit is not null && second.Misfit is not null)
        {
            RefuseMapping(first, options.MappingFile!);
        }

        return await Task.Run(() => Compare(first, second, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static CheckpointComparison Compare(ComparisonSide a, ComparisonSide b, ComparisonOptions options, CancellationToken cancellationToken)
    {
        List<string> notes = [.. new[] { a, b }.Where(side => side.Misfit is not null).Select(side => $"The mapping table does not fit {DisplayText.Escape(side.Display)}, which was read by its own: {side.Misfit}.")], ties = [];
        bool sameLayout = HaveSameLayout(a, b);
        var naming = ChooseNaming(a, b, sameLayout, options, notes);
        foreach (var side in new[] { a, b })
        {
            if (naming == ComparisonNaming.Stored)
            {
                side.UseStoredNames();
                continue;
            }

            side.UseParameters();
            VerifyTies(side, ties, cancellationToken);
        }

        string[] common = [.. a.Names.Where(b.Has)];
        long total = common.Sum(name => a.Bytes(name) + b.Bytes(name)), done = 0;
        return new CheckpointComparison
        {
            A = a.Display,
            B = b.Display,
            Naming = naming,
            Tolerance = options.Tolerance,
            Config = ConfigComparer.Compare(
                a.Directory.HasConfig ? a.Directory.Config : null, b.Directory.HasConfig ? b.Directory.Config : null, a.Fit.Mapping?.Family == b.Fit.Mapping?.Family,
                a.Fit.Config?.ToJson(), b.Fit.Config?.ToJson()),
            OnlyInA = [.. a.Names.Where(name => !b.Has(name)).Select(name => new NamedTensor(name, a.Tensor(name)))],
            OnlyInB = [.. b.Names.Where(name => !a.Has(name)).Select(name => new NamedTensor(name, b.Tensor(name)))],
            Tensors = [.. common.Select(name => Compare(name, a, b, options.Tolerance, Progress, cancellationToken))],
            BrokenTies = ties,
            Notes = notes,
        };

        void Progress(long bytes) => options.Progress?.Report(new InspectionProgress(InspectionPhase.Comparing, done += bytes, total));
    }

    // As an import with this table would.
    private static void RefuseMapping(ComparisonSide side, string mapping)
    {
        side.Directory.UseMapping(mapping);
        side.Directory.Plan(dtype: null);
    }

    // The same table: a key says the same on both sides.
    private static bool HaveSameLayout(ComparisonSide a, ComparisonSide b) =>
        a.Fit.Mapping is { } first && b.Fit.Mapping is { } second && first.Name == second.Name;

    private static ComparisonNaming ChooseNaming(ComparisonSide a, ComparisonSide b, bool sameLayout, ComparisonOptions options, List<string> notes)
    {
        bool bothPlanned = a.Fit.Plan is not null && b.Fit.Plan is not null;
        bool sameKeys = a.Directory.Weights.Tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal)
            .SetEquals(b.Directory.Weights.Tensors.Select(tensor => tensor.Name));
        if (options.StoredNames || (sameLayout && sameKeys))
        {
            return ComparisonNaming.Stored;
        }

        if (bothPlanned)
        {
            foreach (var side in new[] { a, b })
            {
                if (side.Fit.Plan!.Dropped.Count > 0)
                {
                    notes.Add($"{side.Fit.Plan.Dropped.Count} tensors of {DisplayText.Escape(side.Display)} are no parameters and were not compared.");
                }
            }

            return ComparisonNaming.Mapped;
        }

        var unmapped = a.Fit.Plan is null ? a : b;
        if (!sameKeys)
        {
            notes.Add(
                $"No mapping fits {DisplayText.Escape(unmapped.Display)}, so tensors were compared under their stored names: {unmapped.Fit.Problems[0]}.");
        }

        return ComparisonNaming.Stored;
    }

    // A second copy that differs from its original would be lost among parameters, where both are one.
    private static void VerifyTies(ComparisonSide side, List<string> ties, CancellationToken cancellationToken)
    {
        try
        {
            TiedWeights.Verify(side.Fit.Plan!, side.Directory.Weights, null, cancellationToken);
        }
        catch (TiedWeightsDifferException e)
        {
            ties.Add(e.Message);
        }
    }

    private static TensorComparison Compare(
        string name, ComparisonSide a, ComparisonSide b, double? tolerance, Action<long> progress, CancellationToken cancellationToken)
    {
        ComparedTensor x = a.Tensor(name), y = b.Tensor(name);
        ElementComparison? elements = null;
        if (x.Shape.SequenceEqual(y.Shape))
        {
            using var first = a.Open(name, cancellationToken);
            using var second = b.Open(name, cancellationToken);
            elements = ElementComparer.Compare(first, x.DType, second, y.DType, x.Shape, tolerance ?? 0, progress, cancellationToken);
        }
        else
        {
            progress(a.Bytes(name) + b.Bytes(name));
        }

        bool isSame = elements is not null && (tolerance is null ? elements.DifferentBits == 0 : elements.BeyondTolerance == 0);
        return new TensorComparison { Name = name, A = x, B = y, Elements = elements, IsSame = isSame };
    }
}
