using Importer.Mapping.Language;

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
        checks.CheckDrops();
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
            foreach (Expression dimension in rule.Sizes)
            {
                Require(dimension, ExpressionType.Integer, "a whole number", reason => Report(rule, reason));
                if (rule.Shapes.Any(shape => shape.Dimensions.Contains(dimension))
                    && dimension.Parts().Any(part => part.Kind == ExpressionKind.Integer && part.IntegerValue == 0))
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
            foreach ((Expression left, Expression right, string reason) in rule.Operation.Equalities)
            {
                if (!SymbolicSize.AreEqual(_table.Symbols, left, right))
                {
                    Report(rule, reason);
                }
            }

            if (rule.IsLinear && (rule.Shapes.Any(shape => shape.Dimensions.Count != 2) || !rule.Operation.KeepsAxes))
            {
                Report(rule, "\"as\": \"linear\" is for a matrix whose layout is taken as it is");
            }

            foreach (ShapeTemplate shape in rule.Shapes.DistinctBy(shape => shape.Text))
            {
                if (shape.Dimensions.Count == 2 && rule.Operation.KeepsAxes && !rule.IsLinear
                    && SymbolicSize.CanBeEqual(_table.Symbols, shape.Dimensions[0], shape.Dimensions[1]))
                {
                    Report(
                        rule,
                        $"the matrix '{shape.Text}' is square, so its shape does not show its layout: say \"t\" to transpose it"
                        + " or {\"as\": \"linear\"} to take it as it is");
                }
            }
        }
    }

    private void CheckTies()
    {
        foreach (TieRule tie in _table.Ties)
        {
            (MapRule Rule, ShapeTemplate Shape)? original = Fillers(tie.To).Select(filler => ((MapRule, ShapeTemplate)?)filler)
                .FirstOrDefault(filler => !Exclusion.Exclude(filler!.Value.Item1.When, tie.When));
            if (original is not (MapRule filling, ShapeTemplate filled))
            {
                _text.Report(tie.Offset, tie.Location.Path, $"\"to\" is {NameText.Quote(tie.To)}, which no rule of \"map\" fills");
                continue;
            }

            if (tie.Source is not null && !filling.Operation.IsNone)
            {
                _text.Report(
                    tie.Offset, tie.Location.Path,
                    $"{filling.Location.Path} changes {NameText.Quote(tie.To)} on its way,"
                    + " so a second copy's bytes cannot be compared with it");
            }

            foreach ((MapRule rule, ShapeTemplate shape) in Fillers(tie.Target))
            {
                if (!Exclusion.Exclude(rule.When, tie.When))
                {
                    _text.Report(
                        tie.Offset, tie.Location.Path,
                        $"{rule.Location.Path} fills {NameText.Quote(tie.Target)} too;"
                        + " give the two opposite conditions, such as \"X\" and \"!X\"");
                }
                else if (!SymbolicSize.AreEqual(_table.Symbols, shape, filled))
                {
                    _text.Report(
                        tie.Offset, tie.Location.Path,
                        $"{rule.Location.Path} makes {NameText.Quote(tie.Target)} '{shape.Text}',"
                        + $" and {NameText.Quote(tie.To)} is '{filled.Text}'");
                }
            }
        }
    }

    /// <summary>The rules that fill a parameter, and the shape that each gives it.</summary>
    private IEnumerable<(MapRule Rule, ShapeTemplate Shape)> Fillers(string target) =>
        _table.Maps.SelectMany(rule => rule.Targets.Select((template, i) => (Rule: rule, Template: template, Shape: rule.TargetShapes[i])))
            .Where(filler => Matches(filler.Template, filler.Rule, target))
            .Select(filler => (filler.Rule, filler.Shape));

    private void CheckDrops()
    {
        foreach (DropRule drop in _table.Drops.Where(drop => drop.Content == DropContent.LowerTriangle && drop.Shapes[0].Dimensions.Count < 2))
        {
            Report(drop, $"a triangle has two dimensions, and '{drop.Shapes[0].Text}' has fewer");
        }

        foreach (DropRule drop in _table.Drops.Where(drop => drop.Content != DropContent.Unspecified
            && drop.Shapes[0].Dimensions.Any(dimension => dimension.Kind == ExpressionKind.Any)))
        {
            Report(drop, "what is to be made again has sizes, not '*'");
        }
    }

    private void CheckDetection()
    {
        foreach (Template key in _table.Detection.Keys)
        {
            string name = key.Parts[0].Literal!;
            if (!_table.Maps.Any(rule => rule.Sources.Any(source => source.IsAbsolute == key.IsAbsolute && Matches(source, rule, name))))
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

        IEnumerable<Expression> roots = _table.Rules.SelectMany(rule => rule.Sizes)
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
