using Importer.Mapping.Language;
using Importer.Mapping.Problems;
using Importer.Sources;

namespace Importer.Mapping.Planning;

/// <summary>Says of one name where it goes or comes from, from the plan, or from what stands against one.</summary>
internal sealed class Explainer
{
    private readonly WeightMapping _mapping;
    private readonly ModelConfigValues _config;
    private readonly IReadOnlyList<SourceTensor> _tensors;
    private readonly string _name;
    private readonly bool _isSource;

    private Explainer(WeightMapping mapping, ModelConfigValues config, IReadOnlyList<SourceTensor> tensors, string name)
    {
        _mapping = mapping;
        _config = config;
        _tensors = tensors;
        _name = name;
        _isSource = tensors.Any(tensor => tensor.Name == name);
    }

    internal static TensorExplanation Explain(WeightMapping mapping, ModelConfigValues config, IReadOnlyList<SourceTensor> tensors, string name)
    {
        Explainer explainer = new(mapping, config, tensors, name);
        try
        {
            return explainer.FromPlan(mapping.Compile(config, tensors));
        }
        catch (CheckpointMismatchException exception)
        {
            return explainer.FromProblems(exception);
        }
    }

    private TensorExplanation FromPlan(LoadPlan plan)
    {
        PlanRow[] rows = [.. plan.Rows.Where(row => row.Target == _name || row.Sources.Any(source => source.Name == _name))];
        PlannedTie? tie = plan.Ties.FirstOrDefault(tie => tie.Target == _name || tie.StoredAs == _name);
        if (tie is not null)
        {
            string reason = tie.Check is not null ? $"{NameText.Quote(tie.Target)} is {NameText.Quote(tie.To)}; the copy that is stored must equal it"
                : tie.StoredAs is not null ? $"{NameText.Quote(tie.Target)} is {NameText.Quote(tie.To)}, and stored in the same bytes"
                : $"{NameText.Quote(tie.Target)} is {NameText.Quote(tie.To)}, and not stored a second time";
            return Make(TensorFate.Tied, plan.Prefix, tie.Rule, reason, isParameter: tie.Target == _name)
                with
            { Rows = [.. plan.Rows.Where(row => row.Target == tie.To)] };
        }

        if (rows.Length > 0)
        {
            return Make(TensorFate.Loaded, plan.Prefix, rows[0].Rule, Describe(rows), rows.Any(row => row.Target == _name)) with { Rows = rows };
        }

        return plan.Dropped.FirstOrDefault(dropped => dropped.Source.Name == _name) is { } drop
            ? Make(TensorFate.Dropped, plan.Prefix, drop.Rule, $"it is not read: {drop.Reason}")
            : Unknown(plan.Prefix, plan.Rows.Select(row => row.Target));
    }

    private TensorExplanation FromProblems(CheckpointMismatchException exception)
    {
        string also = exception.Problems.Count == 1 ? "" : $" ({exception.Problems.Count} problems in all)";
        foreach (MappingProblem problem in exception.Problems)
        {
            TensorExplanation? explanation = problem switch
            {
                MissingTensor missing when missing.Name == _name || missing.Target == _name =>
                    Make(TensorFate.Missing, exception.Prefix, missing.Rule, missing.Text + also, missing.Target == _name),
                WrongShape shape when shape.Name == _name => Make(TensorFate.Misfit, exception.Prefix, shape.Rule, shape.Text + also),
                UnsupportedDType dtype when dtype.Name == _name => Make(TensorFate.Misfit, exception.Prefix, null, dtype.Text + also),
                UnexpectedTensor unexpected when unexpected.Tensor.Name == _name => Unexpected(unexpected, exception.Prefix),
                _ => null,
            };
            if (explanation is not null)
            {
                return explanation;
            }
        }

        // Nothing stands against this name; its rule is known by its form.
        return FormOf(exception.Prefix) is ({ } rule, _) && _isSource
            ? Make(
                rule is MapRule ? TensorFate.Loaded : TensorFate.Dropped, exception.Prefix, rule.Location,
                $"the rule fits it, but the checkpoint as a whole does not fit{also}: {exception.Problems[0].Text}")
            : Unknown(exception.Prefix, []);
    }

    private TensorExplanation Unexpected(UnexpectedTensor problem, string? prefix)
    {
        if (FormOf(prefix) is not ({ } rule, var values))
        {
            return Make(TensorFate.Unexpected, prefix, null, problem.Text) with { Nearest = problem.Nearest };
        }

        ConfigScope scope = new(_config, _mapping.Table.Symbols);
        if (rule.When is { } when && scope.Holds(when) != true)
        {
            return Make(TensorFate.Unexpected, prefix, rule.Location, $"{problem.Text}; a rule for it applies only where '{when}' holds, which it does not");
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (rule.Variables[i] is { Bound: { } bound } index && values[i] >= 0 && scope.Dimension(bound) is { } count && values[i] >= count)
            {
                return Make(
                    TensorFate.Unexpected, prefix, rule.Location,
                    $"{problem.Text}; a rule for it goes up to {{{index.Name}}} = {count - 1}, because {bound} is {count}");
            }
        }

        return Make(TensorFate.Unexpected, prefix, rule.Location, problem.Text);
    }

    /// <summary>A rule whose names have the form of this one, and the values of its variables.</summary>
    private (MappingRule? Rule, int[] Values) FormOf(string? prefix)
    {
        KeyPrefix known = KeyPrefix.Candidates(_mapping.Table).FirstOrDefault(candidate => candidate.Whole == prefix)
            ?? NameForms.Nearest(_mapping.Table, _tensors).Prefix;
        return new NameForms(_mapping.Table.Rules, known).Find(_name) is { } form ? (form.Rule, form.Values) : (null, []);
    }

    private TensorExplanation Unknown(string? prefix, IEnumerable<string> parameters)
    {
        NearestNames names = new(_tensors.Select(tensor => tensor.Name).Concat(parameters).Distinct(StringComparer.Ordinal));
        IReadOnlyList<string> nearest = names.To(_name);
        return Make(
            TensorFate.Unknown, prefix, null,
            $"neither the checkpoint nor the mapping has this name{NameText.DidYouMean(nearest, "there is")}") with
        { Nearest = nearest };
    }

    private TensorExplanation Make(TensorFate fate, string? prefix, RuleLocation? rule, string reason, bool isParameter = false) => new()
    {
        Name = _name,
        Fate = fate,
        IsSource = _isSource,
        IsParameter = isParameter,
        Mapping = _mapping,
        Prefix = prefix,
        Rule = rule,
        RuleText = rule is { } location ? _mapping.Line(location.Line) : null,
        Reason = reason,
    };

    private static string Describe(PlanRow[] rows)
    {
        PlanRow row = rows[0];
        string from = string.Join(" and ", row.Sources.Take(3).Select(source => NameText.Quote(source.Name)))
            + (row.Sources.Count > 3 ? $" and {row.Sources.Count - 3} more" : "");
        string to = string.Join(" and ", rows.Take(3).Select(part => NameText.Quote(part.Target))) + (rows.Length > 3 ? $" and {rows.Length - 3} more" : "");
        return $"{from} {(row.Sources.Count == 1 ? "fills" : "fill")} {to}, {(row.Operation.Text.Length == 0 ? "as it is" : $"by '{row.Operation.Text}'")}";
    }
}
