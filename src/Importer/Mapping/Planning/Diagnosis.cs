using Importer.Mapping.Language;
using Importer.Mapping.Problems;
using Importer.Sources;

namespace Importer.Mapping.Planning;

/// <summary>
/// Looks, once a plan has failed, for the numbers of the configuration that the tensors contradict as one: "n_embd = 48, the
/// tensors say 64" tells more than forty wrong shapes.
/// </summary>
internal sealed class Diagnosis
{
    private readonly ConfigScope _scope;
    private readonly ProblemList _problems;
    private readonly Dictionary<string, DimensionVotes> _votes = new(StringComparer.Ordinal);
    private readonly Dictionary<TemplateVariable, IndexValues> _indices = [];

    private Diagnosis(ConfigScope scope, ProblemList problems)
    {
        _scope = scope;
        _problems = problems;
    }

    /// <summary>Explains missing, unexpected and misshapen tensors.</summary>
    internal static void Explain(BoundMapping mapping, KeyPrefix prefix, IReadOnlyList<SourceTensor> tensors, ProblemList problems)
    {
        bool shapes = problems.All.Any(problem => problem is WrongShape);
        bool names = problems.All.Any(problem => problem is MissingTensor or UnexpectedTensor);
        if (!shapes && !names)
        {
            return;
        }

        Diagnosis diagnosis = new(mapping.Scope, problems);
        diagnosis.Observe(mapping.Maps.Concat(mapping.Drops).Select(rule => rule.Rule), prefix, tensors);
        if (names)
        {
            diagnosis.CompareIndices();
        }

        if (shapes)
        {
            diagnosis.CompareDimensions();
        }
    }

    /// <summary>Explains a configuration from which nothing could be planned: what the tensors say in its place.</summary>
    internal static void ExplainUnbound(
        MappingTable table, ModelConfigValues config, IReadOnlyList<SourceTensor> tensors, ProblemList problems)
    {
        if (!problems.All.Any(problem => problem is ExpansionTooLarge))
        {
            return;
        }

        Diagnosis diagnosis = new(new ConfigScope(config, table.Symbols), problems);
        diagnosis.Observe(table.Rules, NameForms.Nearest(table, tensors).Prefix, tensors);
        diagnosis.CompareIndices();
    }

    /// <summary>About how many symbols the tensors contradict each other: none where they are of this table's layout.</summary>
    internal static int Conflicts(MappingTable table, ModelConfigValues config, IReadOnlyList<SourceTensor> tensors)
    {
        Diagnosis diagnosis = new(new ConfigScope(config, table.Symbols), new ProblemList());
        diagnosis.Observe(table.Rules, NameForms.Nearest(table, tensors).Prefix, tensors);
        return diagnosis._votes.Values.Count(votes => votes.Agreed is null or < 1);
    }

    private void Observe(IEnumerable<MappingRule> rules, KeyPrefix prefix, IReadOnlyList<SourceTensor> tensors)
    {
        NameForms forms = new(rules, prefix);
        foreach (SourceTensor tensor in tensors)
        {
            if (forms.Find(tensor.Name) is not { } form)
            {
                continue;
            }

            (MappingRule rule, int source, int[] values) = form;
            IReadOnlyList<Expression> dimensions = rule.Shapes[source].Dimensions;
            for (int i = 0; i < values.Length; i++)
            {
                if (rule.Variables[i] is { Bound: not null } index && values[i] >= 0)
                {
                    IndexValues seen = _indices.TryGetValue(index, out IndexValues? known) ? known : _indices[index] = new IndexValues();
                    seen.Add(values[i], tensor.Name);
                }
            }

            if (tensor.Shape.Count == dimensions.Count)
            {
                for (int i = 0; i < tensor.Shape.Count; i++)
                {
                    Vote(dimensions[i], tensor.Shape[i], tensor);
                }
            }
        }
    }

    private void Vote(Expression dimension, long size, SourceTensor tensor)
    {
        long factor = 1;
        if (dimension.Kind == ExpressionKind.Add && dimension.Right.Kind == ExpressionKind.Integer)
        {
            size -= dimension.Right.IntegerValue;
            dimension = dimension.Left;
        }

        if (dimension.Kind == ExpressionKind.Multiply && dimension.Left.Kind == ExpressionKind.Integer)
        {
            factor = dimension.Left.IntegerValue;
            dimension = dimension.Right;
        }

        if (dimension.Kind == ExpressionKind.Symbol)
        {
            DimensionVotes votes = _votes.TryGetValue(dimension.Name, out DimensionVotes? known)
                ? known
                : _votes[dimension.Name] = new DimensionVotes();
            votes.Add(size % factor == 0 ? size / factor : -1, tensor);
        }
    }

    private void CompareIndices()
    {
        foreach ((TemplateVariable index, IndexValues values) in _indices)
        {
            if (_scope.Dimension(index.Bound!) is { } bound && values.Count is { } count && count != bound)
            {
                Contradict(index.Bound!, bound, count, $"the last of them has {NameText.Quote(values.Last)}");
            }
        }
    }

    private void CompareDimensions()
    {
        // In the order of definition, each with the corrections before it: a wrong n_embd explains 4*n_embd.
        Dictionary<string, long> corrected = new(StringComparer.Ordinal);
        foreach ((string name, _) in _scope.Symbols.All)
        {
            if (!_votes.TryGetValue(name, out DimensionVotes? votes) || votes.Agreed is not { } found || found < 1)
            {
                continue;
            }

            Expression symbol = Expression.Reference(name);
            long? says = _scope.Dimension(symbol);
            if (says is null || says == found)
            {
                continue;
            }

            if (new ConfigScope(_scope.Config, _scope.Symbols, corrected).Dimension(symbol) != found)
            {
                Contradict(symbol, says.Value, found, votes.Evidence);
            }

            corrected[name] = found;
        }
    }

    private void Contradict(Expression expression, long says, long found, string evidence)
    {
        IReadOnlyList<string> keys = _scope.DecidingKeys(expression);
        bool verbatim = keys is [var key] && _scope.Config.Get(key).IsInteger(out long value) && value == says;
        IReadOnlyList<string> unset = [.. _scope.Symbols.Keys(expression).Except(keys, StringComparer.Ordinal)];
        string text = verbatim ? $"{keys[0]} is {says}"
            : unset.Count > 0 ? $"{unset[0]} is not set, which means {says}"
            : $"{string.Join(", ", keys)} make {expression} {says}";
        _problems.Add(new ConfigContradiction(
            _scope.Config.SourceName, verbatim || unset.Count == 0 ? keys : [unset[0], .. keys], text, says, found, evidence));
    }
}
