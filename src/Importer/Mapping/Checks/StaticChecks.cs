using Importer.Mapping.Language;
using Importer.Mapping.Operations;

namespace Importer.Mapping.Checks;

/// <summary>
/// What can be proved of a table without any configuration: types, shapes under operations, that square matrices say what they
/// are, and that nothing defined is left unused. Names are proved disjoint by <see cref="DisjointNames"/>.
/// </summary>
internal sealed class StaticChecks
{
    private readonly MappingTable _table;
    private readonly TableText _text;
    private readonly Dictionary<string, ExpressionType> _types = new(StringComparer.Ordinal);

    private StaticChecks(MappingTable table, TableText text)
    {
        _table = table;
        _text = text;
    }

    internal static void Run(MappingTable table, TableText text)
    {
        StaticChecks checks = new(table, text);
        checks.CheckPrefixes();
        checks.CheckTypes();
        checks.CheckOperations();
        checks.CheckTies();
        checks.CheckDetection();
        checks.CheckUse();
        DisjointNames.Check(table, text);
    }

    private void CheckPrefixes()
    {
        IEnumerable<string> whole = _table.Wrappers.SelectMany(wrapper => _table.Prefixes.Select(prefix => wrapper + prefix));
        foreach (IGrouping<string, string> prefix in whole.GroupBy(prefix => prefix).Where(same => same.Count() > 1))
        {
            _text.Report("prefix", $"\"wrapper\" and \"prefix\" make {NameText.Quote(prefix.Key)} in more than one way");
        }
    }

    private void CheckTypes()
    {
        foreach ((string name, Expression definition) in _table.Symbols.All)
        {
            string? fault = null;
            _types[name] = ExpressionTypes.Of(definition, symbol => _types[symbol], ref fault);
            if (fault is not null)
            {
                _text.Report($"config.{name}", fault);
            }
        }

        foreach (TemplateVariable index in _table.NamedVariables.Where(variable => variable.Bound is not null))
        {
            string path = $"index.{index.Name}";
            Require(index.Bound!, ExpressionType.Integer, "a whole number", reason => _text.Report(path, reason));
        }

        foreach (MappingRule rule in _table.Rules)
        {
            foreach (Expression dimension in rule.Shape.Dimensions)
            {
                Require(dimension, ExpressionType.Integer, "a whole number", reason => Report(rule, reason));
                if (dimension.Parts().Any(part => part.Kind == ExpressionKind.Integer && part.IntegerValue == 0))
                {
                    Report(rule, $"the dimension '{dimension}' holds a 0; dimensions are positive");
                }
            }

            Require(rule.When, ExpressionType.Boolean, "true or false", reason => Report(rule, reason));
        }

        foreach (TieRule tie in _table.Ties)
        {
            Require(tie.When, ExpressionType.Boolean, "true or false", reason => _text.Report(tie.Offset, tie.Location.Path, reason));
        }
    }

    private void Report(MappingRule rule, string reason) => _text.Report(rule.Offset, rule.Location.Path, reason);

    private void Require(Expression? expression, ExpressionType type, string name, Action<string> report)
    {
        if (expression is null)
        {
            return;
        }

        string? fault = null;
        ExpressionType actual = ExpressionTypes.Of(expression, symbol => _types[symbol], ref fault);
        if (fault is not null || (actual != type && actual != ExpressionType.Unknown))
        {
            report(fault ?? $"'{expression}' is not {name}");
        }
    }

    private void CheckOperations()
    {
        foreach (MapRule rule in _table.Maps)
        {
            IReadOnlyList<Expression> shape = rule.Shape.Dimensions;
            if (rule.Operation.Reason(shape.Count) is { } reason)
            {
                Report(rule, reason);
            }

            if (rule.IsLinear && (shape.Count != 2 || rule.Operation is not IdentityOperation))
            {
                Report(rule, "\"as\": \"linear\" is for a matrix that is taken as it is");
            }

            if (shape.Count == 2 && rule.Operation is IdentityOperation && !rule.IsLinear
                && SymbolicSize.CanBeEqual(_table.Symbols, shape[0], shape[1]))
            {
                Report(
                    rule,
                    $"the matrix '{rule.Shape.Text}' is square, so its shape does not show its layout: say \"t\" to transpose it"
                    + " or {\"as\": \"linear\"} to take it as it is");
            }
        }
    }

    private void CheckTies()
    {
        foreach (TieRule tie in _table.Ties)
        {
            MapRule? original = _table.Maps.FirstOrDefault(rule => Matches(rule.Target, rule, tie.To)
                && !Exclusion.Exclude(rule.When, tie.When));
            if (original is null)
            {
                _text.Report(tie.Offset, tie.Location.Path, $"\"to\" is {NameText.Quote(tie.To)}, which no rule of \"map\" fills");
                continue;
            }

            if (tie.Source is not null && original.Operation is not IdentityOperation)
            {
                _text.Report(
                    tie.Offset, tie.Location.Path,
                    $"{original.Location.Path} changes {NameText.Quote(tie.To)} on its way,"
                    + " so a second copy's bytes cannot be compared with it");
            }

            foreach (MapRule rule in _table.Maps.Where(rule => Matches(rule.Target, rule, tie.Target)))
            {
                ShapeTemplate shape = rule.Operation.Reason(rule.Shape.Dimensions.Count) is null
                    ? rule.Shape.After(rule.Operation)
                    : rule.Shape;
                if (!Exclusion.Exclude(rule.When, tie.When))
                {
                    _text.Report(
                        tie.Offset, tie.Location.Path,
                        $"{rule.Location.Path} fills {NameText.Quote(tie.Target)} too;"
                        + " give the two opposite conditions, such as \"X\" and \"!X\"");
                }
                else if (original.Operation is IdentityOperation && !SymbolicSize.AreEqual(_table.Symbols, shape, original.Shape))
                {
                    _text.Report(
                        tie.Offset, tie.Location.Path,
                        $"{rule.Location.Path} makes {NameText.Quote(tie.Target)} '{shape.Text}',"
                        + $" and {NameText.Quote(tie.To)} is '{original.Shape.Text}'");
                }
            }
        }
    }

    private void CheckDetection()
    {
        foreach (Template key in _table.Detection.Keys)
        {
            string name = key.Parts[0].Literal!;
            if (!_table.Maps.Any(rule => rule.Source.IsAbsolute == key.IsAbsolute && Matches(rule.Source, rule, name)))
            {
                _text.Report("detect", $"{NameText.Quote(key.Text)} is no source of \"map\"");
            }
        }
    }

    private void CheckUse()
    {
        HashSet<TemplateVariable> usedVariables = [.. _table.Rules.SelectMany(rule => rule.Variables)];
        foreach (TemplateVariable variable in _table.NamedVariables.Where(variable => !usedVariables.Contains(variable)))
        {
            string section = variable.Bound is null ? "set" : "index";
            _text.Report($"{section}.{variable.Name}", $"{{{variable.Name}}} is not used by any rule");
        }

        IEnumerable<Expression> roots = _table.Rules.SelectMany(rule => rule.Shape.Dimensions)
            .Concat(usedVariables.Select(variable => variable.Bound).OfType<Expression>())
            .Concat(_table.Rules.Select(rule => rule.When).OfType<Expression>())
            .Concat(_table.Ties.Select(tie => tie.When).OfType<Expression>())
            .Concat(_table.Symbols.All.Select(symbol => symbol.Definition));
        HashSet<string> usedSymbols = [.. roots.SelectMany(root => root.Parts())
            .Where(part => part.Kind == ExpressionKind.Symbol).Select(part => part.Name)];
        foreach ((string name, _) in _table.Symbols.All.Where(symbol => !usedSymbols.Contains(symbol.Name)))
        {
            _text.Report($"config.{name}", "the symbol is not used");
        }
    }

    private static bool Matches(Template template, MappingRule rule, string name) =>
        template.TryMatch(name, rule.Variables, new int[rule.Variables.Count]);
}
