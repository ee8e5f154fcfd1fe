using Importer.Mapping.Language;
using Importer.Mapping.Problems;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Mapping.Planning;

/// <summary>Compiles a table, a configuration and a checkpoint's headers into a plan, or says everything that stands against it.</summary>
internal sealed class Planner
{
    private const int Questions = 50;

    private readonly WeightMapping _mapping;
    private readonly BoundMapping _bound;
    private readonly PlanOptions _options;
    private readonly ProblemList _problems;
    private readonly SourceNames _names;
    private readonly List<PlanRow> _rows = [];
    private readonly Dictionary<string, PlanRow> _targets = new(StringComparer.Ordinal);
    private readonly List<PlannedTie> _ties = [];
    private readonly List<DroppedTensor> _dropped = [];
    private readonly List<MissingTensor> _missing = [];
    private readonly KeyPrefix _prefix;
    private char[] _buffer = new char[128];

    private Planner(
        WeightMapping mapping, BoundMapping bound, SourceNames names, KeyPrefix prefix, PlanOptions options, ProblemList problems)
    {
        _prefix = prefix;
        _mapping = mapping;
        _bound = bound;
        _names = names;
        _options = options;
        _problems = problems;
    }

    internal static LoadPlan Plan(
        WeightMapping mapping, ModelConfigValues config, IReadOnlyList<SourceTensor> tensors, PlanOptions options)
    {
        ProblemList problems = new();
        SourceNames names = new(tensors, problems);
        List<MappingProblem> unbound = [];
        if (BoundMapping.Bind(mapping.Table, config, options.MaxNames, unbound) is not { } bound)
        {
            unbound.ForEach(problems.Add);
            Diagnosis.ExplainUnbound(mapping.Table, config, tensors, problems);
            throw Remedies.Mismatch(mapping, prefix: null, problems);
        }

        if (PrefixChoice.Choose(KeyPrefix.Candidates(mapping.Table), bound, names, problems) is not { } prefix)
        {
            throw Remedies.Mismatch(mapping, prefix: null, problems);
        }

        Planner planner = new(mapping, bound, names, prefix, options, problems);
        planner.PlanRows();
        planner.PlanTies();
        planner.PlanDrops();
        planner.ReportNames();
        return problems.IsEmpty ? planner.Finish() : throw planner.Mismatch();
    }

    private void PlanRows()
    {
        foreach ((BoundRule rule, int[] values) in BoundMapping.Walk(_bound.Maps))
        {
            MapRule map = (MapRule)rule.Rule;
            string[] targets = [.. Enumerable.Range(0, rule.TargetCount).Select(i => Target(rule, i, values))];
            SourceTensor[] sources = new SourceTensor[rule.SourceCount];
            bool fits = true;
            for (int i = 0; i < sources.Length; i++)
            {
                if (Claim(rule, i, values) is not { } source)
                {
                    Miss(rule, i, values, targets[0]);
                    fits = false;
                }
                else if (ParameterDTypes.Resolve(source.DType, wanted: null) is null)
                {
                    _problems.Add(new UnsupportedDType(source.Name, source.DType, targets[0]));
                    fits = false;
                }
                else
                {
                    sources[i] = source;
                    fits &= HasShape(source, rule, i);
                }
            }

            for (int i = 0; fits && i < targets.Length; i++)
            {
                AddRow(rule, sources, i, targets[i], _options.TargetDType ?? map.Cast ?? ParameterDTypes.Common(sources.Select(source => source.DType)));
            }
        }
    }

    private string Target(BoundRule rule, int number, int[] values)
    {
        Template target = rule.Target(number, values);
        int length = target.Write(ref _buffer, _mapping.TargetPrefix.Before(target), rule.Rule.Variables, values);
        return new string(_buffer, 0, length);
    }

    private void AddRow(BoundRule rule, SourceTensor[] sources, int number, string target, DType dtype)
    {
        IReadOnlyList<long> shape = rule.TargetShape(number);
        if (ByteCount(shape, dtype) is not { } bytes)
        {
            _problems.Add(new TensorTooLarge(sources[0].Name, sources[0].Shape));
            return;
        }

        PlanRow row = new(target, shape, sources, rule.Operation, number, dtype, bytes, rule.Rule.Location);
        if (_targets.TryAdd(target, row))
        {
            _rows.Add(row);
        }
        else
        {
            _problems.Add(new DuplicateTarget(target, _targets[target].Rule, rule.Rule.Location));
        }
    }

    private void PlanTies()
    {
        foreach (TieRule tie in _bound.Ties)
        {
            SourceTensor? copy = tie.Source is { } source
                ? _names.Claim(_prefix.Before(source) + source.Parts[0].Literal, tie.Location, _problems)
                : null;
            if (_targets.TryGetValue(tie.Target, out PlanRow? own))
            {
                _problems.Add(new DuplicateTarget(tie.Target, own.Rule, tie.Location));
            }
            else if (!_targets.TryGetValue(tie.To, out PlanRow? original))
            {
                // A shared tensor that is missing or misshapen has been reported as that; only a table that never fills it is new.
                if (_problems.IsEmpty && _missing.Count == 0)
                {
                    _problems.Add(new BrokenTie(tie.Target, tie.To, copy?.Name, Keys(tie), "no rule that applies fills that one"));
                }
            }
            else if (copy is null || AreSameBytes(copy, original.Source))
            {
                _ties.Add(new PlannedTie(tie.Target, tie.To, Check: null, tie.Location, copy?.Name));
            }
            else if (Difference(copy, original.Source) is { } difference)
            {
                _problems.Add(new BrokenTie(tie.Target, tie.To, copy.Name, Keys(tie), difference));
            }
            else
            {
                _ties.Add(new PlannedTie(tie.Target, tie.To, new TieCheck(copy, original.Source), tie.Location, copy.Name));
            }
        }
    }

    private IReadOnlyList<string> Keys(TieRule tie) => tie.When is null ? [] : _bound.Scope.Symbols.Keys(tie.When);

    private void PlanDrops()
    {
        foreach ((BoundRule rule, int[] values) in BoundMapping.Walk(_bound.Drops))
        {
            DropRule drop = (DropRule)rule.Rule;
            if (Claim(rule, 0, values) is { } source)
            {
                if (HasShape(source, rule, 0))
                {
                    _dropped.Add(new DroppedTensor(source, drop.Reason, drop.Content, drop.Location));
                }
            }
            else if (!drop.IsOptional)
            {
                Miss(rule, 0, values, target: null);
            }
        }
    }

    private SourceTensor? Claim(BoundRule rule, int number, int[] values) =>
        _names.Claim(_buffer.AsSpan(0, WriteSource(rule, number, values)), rule.Rule.Location, _problems);

    private int WriteSource(BoundRule rule, int number, int[] values)
    {
        Template source = rule.Source(number, values);
        return source.Write(ref _buffer, _prefix.Before(source), rule.Rule.Variables, values);
    }

    private void Miss(BoundRule rule, int number, int[] values, string? target)
    {
        if (_missing.Count < ProblemList.MaxPerKind)
        {
            string name = new(_buffer, 0, WriteSource(rule, number, values));
            _missing.Add(new MissingTensor(name, rule.Shape(number), target, [], rule.Rule.Location));
        }
        else
        {
            _problems.Omit(1);
        }
    }

    private bool HasShape(SourceTensor source, BoundRule rule, int number)
    {
        IReadOnlyList<long> shape = rule.Shape(number);
        if (source.Shape.Count == shape.Count && source.Shape.Zip(shape).All(sizes => sizes.First == sizes.Second || sizes.Second == ShapeText.AnySize))
        {
            return true;
        }

        _problems.Add(new WrongShape(source.Name, rule.ShapeText(number), shape, source.Shape, rule.Rule.Location));
        return false;
    }

    /// <summary>Turns what is missing and what nobody claimed into problems, each with names from the other side.</summary>
    private void ReportNames()
    {
        List<SourceTensor> unexpected = _names.Unclaimed();
        if (unexpected.Count == 0 && _missing.Count == 0)
        {
            return;
        }

        NearestNames nearUnexpected = new(unexpected.Select(tensor => tensor.Name));
        int asked = 0;
        foreach (MissingTensor missing in _missing)
        {
            _problems.Add(missing with { Nearest = asked++ < Questions ? nearUnexpected.To(missing.Name) : [] });
        }

        NearestNames nearMissing = new(_missing.Select(missing => missing.Name));
        asked = 0;
        foreach (SourceTensor tensor in unexpected)
        {
            _problems.Add(new UnexpectedTensor(tensor, asked++ < Questions ? nearMissing.To(tensor.Name) : []));
        }
    }

    private CheckpointMismatchException Mismatch()
    {
        Diagnosis.Explain(_bound, _prefix, _names.Tensors, _problems);
        return Remedies.Mismatch(_mapping, _prefix.Whole, _problems);
    }

    private LoadPlan Finish() => new(
        _mapping, _prefix.Whole, _rows, _ties, _dropped, PlanSummary.Warnings(_rows), PlanSummary.Totals(_rows, _ties, _dropped));

    private static bool AreSameBytes(SourceTensor a, SourceTensor b) =>
        a.File == b.File && a.Offset == b.Offset && a.ByteCount == b.ByteCount && a.DType == b.DType && a.Shape.SequenceEqual(b.Shape);

    private static string? Difference(SourceTensor copy, SourceTensor original)
    {
        if (!copy.Shape.SequenceEqual(original.Shape))
        {
            return $"{NameText.Quote(copy.Name)} is {ShapeText.Of(copy.Shape)}"
                + $" and {NameText.Quote(original.Name)} {ShapeText.Of(original.Shape)}";
        }

        return copy.DType == original.DType
            ? null
            : $"{NameText.Quote(copy.Name)} is {DTypes.Name(copy.DType)}"
                + $" and {NameText.Quote(original.Name)} {DTypes.Name(original.DType)}, so they cannot be equal bytes";
    }

    private static long? ByteCount(IReadOnlyList<long> shape, DType dtype)
    {
        try
        {
            return shape.Aggregate((long)ParameterDTypes.ByteSize(dtype), (bytes, size) => checked(bytes * size));
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
