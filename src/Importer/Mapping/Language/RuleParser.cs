using System.Text.Json;
using SafeTensorSharp;

namespace Importer.Mapping.Language;

/// <summary>Parses the rules of "map", "tie" and "drop".</summary>
internal sealed class RuleParser(TableText text, IReadOnlyDictionary<string, TemplateVariable> variables)
{
    private const string DefaultReason = "not a parameter";
    private const int MaxPieces = 64;

    /// <summary>Parses <c>[source, target, shape]</c>, followed by operations or an object of options, or nothing.</summary>
    internal MapRule? Map(JsonItem item, string path, int index)
    {
        if (item.Kind != JsonValueKind.Array || item.Items.Count is not (3 or 4))
        {
            text.Report(item.Offset, path, "a rule is a list: [source, target, shape] and then an operation or an object of options");
            return null;
        }

        JsonItem? last = item.Items.Count == 4 ? item.Items[3] : null;
        bool isOperation = last?.Kind is JsonValueKind.String or JsonValueKind.Array;
        TableObject options = new(
            text,
            last is null || isOperation ? new JsonItem { Kind = JsonValueKind.Object, Offset = item.Offset } : last,
            $"{path}[3]",
            TableProperties.MapOptions);
        Dictionary<string, TemplateVariable> known = WithIndices(options);
        TemplateParser templates = new(known);
        OperationTemplate? operation = isOperation
            ? ParseOperation(options, last!, $"{path}[3]")
            : options.Find("op") is { } op ? ParseOperation(options, op, options.Join("op")) : OperationTemplate.None;
        List<Template>? sources = List(options, item.Items[0], $"{path}[0]", templates.ParseSource);
        List<Template>? targets = sources is null || operation is null
            ? null
            : List(options, item.Items[1], $"{path}[1]", target => templates.ParseTarget(target, operation.Family));
        List<ShapeTemplate>? shapes = List(options, item.Items[2], $"{path}[2]", ShapeTemplate.Parse);
        string? layout = options.Text("as", required: false);
        if (layout is not (null or "linear"))
        {
            text.Report(options.Find("as")!.Offset, options.Join("as"), $"{NameText.Quote(layout)} is unknown; only \"linear\" is known");
        }

        DType? cast = options.Find("cast") is null ? null : ParseDType(options);
        Expression? when = options.Parse("when", ExpressionParser.Parse);
        if (sources is null || targets is null || shapes is null || operation is null)
        {
            return null;
        }

        if (shapes.Count == 1)
        {
            shapes = [.. sources.Select(_ => shapes[0])];
        }

        if (shapes.Count != sources.Count)
        {
            text.Report(item.Items[2].Offset, $"{path}[2]", $"there are {sources.Count} sources and {shapes.Count} shapes");
            return null;
        }

        int family = templates.Variables.ToList().FindIndex(variable => variable.Name == operation.Family);
        try
        {
            (OperationTemplate complete, IReadOnlyList<ShapeTemplate> targetShapes) =
                operation.For(shapes, targets.Count, Family(templates, operation, family));
            return new MapRule
            {
                Sources = sources,
                Targets = targets,
                Variables = templates.Variables,
                Shapes = shapes,
                TargetShapes = targetShapes,
                Operation = complete,
                Family = family < 0 ? null : family,
                IsLinear = layout is not null,
                Cast = cast,
                When = when,
                Location = new RuleLocation("map", index, text.Line(item.Offset)),
                Offset = item.Offset,
            };
        }
        catch (ExpressionSyntaxException exception)
        {
            text.Report(item.Offset, path, exception.Message);
            return null;
        }
    }

    internal TieRule? Tie(JsonItem item, string path, int index)
    {
        TableObject tie = new(text, item, path, TableProperties.Tie);
        string? target = Name(tie, "target");
        string? to = Name(tie, "to");
        Template? source = tie.Parse("source", name => TemplateParser.ParseName(name, mayBeAbsolute: true));
        string? check = tie.Text("if_present", required: source is not null);
        if (check is not (null or "must_equal"))
        {
            text.Report(tie.Find("if_present")!.Offset, tie.Join("if_present"), "only \"must_equal\" is known");
        }
        else if (check is not null && tie.Find("source") is null)
        {
            text.Report(item.Offset, path, "\"if_present\" says what a \"source\" must be, and there is none");
        }

        bool exports = tie.Flag("export");
        if (exports && tie.Find("source") is null)
        {
            text.Report(item.Offset, path, "\"export\" has the second copy written under its \"source\", and there is none");
        }

        Expression? when = tie.Parse("when", ExpressionParser.Parse);
        return target is null || to is null
            ? null
            : new TieRule
            {
                Target = target,
                To = to,
                When = when,
                Source = source,
                Exports = exports,
                Location = new RuleLocation("tie", index, text.Line(item.Offset)),
                Offset = item.Offset,
            };
    }

    internal DropRule? Drop(JsonItem item, string path, int index)
    {
        TableObject drop = new(text, item, path, TableProperties.Drop);
        TemplateParser templates = new(variables);
        if (drop.Text("key", required: true) is null | drop.Text("shape", required: true) is null)
        {
            return null;
        }

        Template? key = drop.Parse("key", templates.ParseSource);
        ShapeTemplate? shape = drop.Parse("shape", ShapeTemplate.ParseDropped);
        string? content = drop.Text("is", required: false);
        if (content is not (null or "tril"))
        {
            text.Report(drop.Find("is")!.Offset, drop.Join("is"), $"{NameText.Quote(content)} is unknown; only \"tril\" is known");
        }

        Expression? when = drop.Parse("when", ExpressionParser.Parse);
        return key is null || shape is null
            ? null
            : new DropRule
            {
                Sources = [key],
                Variables = templates.Variables,
                Shapes = [shape],
                When = when,
                IsOptional = drop.Flag("optional"),
                Content = content is null ? DropContent.Unspecified : DropContent.LowerTriangle,
                Reason = drop.Text("why", required: false) ?? DefaultReason,
                Location = new RuleLocation("drop", index, text.Line(item.Offset)),
                Offset = item.Offset,
            };
    }

    private static string? Name(TableObject owner, string property)
    {
        _ = owner.Text(property, required: true);
        return owner.Find(property)?.Kind == JsonValueKind.String
            ? owner.Parse(property, name => TemplateParser.ParseName(name, mayBeAbsolute: false))?.Text
            : null;
    }

    /// <summary>How many values the variable of a stack or an unstack has.</summary>
    private static Expression? Family(TemplateParser templates, OperationTemplate operation, int family)
    {
        if (operation.Family is not { } name)
        {
            return null;
        }

        TemplateVariable variable = family >= 0
            ? templates.Variables[family]
            : throw new ExpressionSyntaxException($"{{{name}}} is in no name of the rule, so there is nothing to count");
        return variable.Bound ?? Expression.Integer(variable.Words!.Count);
    }

    private static OperationTemplate? ParseOperation(TableObject owner, JsonItem item, string path)
    {
        List<string> texts = [];
        foreach (JsonItem part in item.Kind == JsonValueKind.Array ? item.Items : [item])
        {
            if (owner.StringOf(part, path) is not { } operation)
            {
                return null;
            }

            texts.Add(operation);
        }

        return owner.Try(item, path, () => OperationParser.Parse(texts));
    }

    /// <summary>A name, or a list of them.</summary>
    private List<T>? List<T>(TableObject owner, JsonItem item, string path, Func<string, T> parse)
        where T : class
    {
        List<T> parsed = [];
        List<JsonItem> items = item.Kind == JsonValueKind.Array ? item.Items : [item];
        if (items.Count is 0 or > MaxPieces)
        {
            text.Report(item.Offset, path, $"a list here has 1 to {MaxPieces} entries");
            return null;
        }

        bool whole = true;
        foreach (JsonItem part in items)
        {
            T? one = owner.Parse(part, path, parse);
            whole &= one is not null;
            if (one is not null)
            {
                parsed.Add(one);
            }
        }

        return whole ? parsed : null;
    }

    /// <summary>The variables that the rule may use: the table's, and the indices that it defines itself.</summary>
    private Dictionary<string, TemplateVariable> WithIndices(TableObject options)
    {
        Dictionary<string, TemplateVariable> known = new(variables, StringComparer.Ordinal);
        foreach ((string name, JsonItem value, string path) in options.Members("index"))
        {
            if (!TemplateParser.IsVariableName(name) || known.ContainsKey(name))
            {
                text.Report(value.Offset, path, $"{{{NameText.Plain(name)}}} has a meaning already, or is no name of small letters, digits and '_'");
            }
            else if (options.Parse(value, path, ExpressionParser.ParseDimension) is { } bound)
            {
                known.Add(name, TemplateVariable.Index(name, bound));
            }
        }

        return known;
    }

    private DType? ParseDType(TableObject options)
    {
        switch (options.Text("cast", required: false))
        {
            case "f32":
                return DType.F32;
            case "f16":
                return DType.F16;
            case "bf16":
                return DType.BF16;
            case "f64":
                return DType.F64;
            case null:
                return null;
            case var other:
                text.Report(options.Find("cast")!.Offset, options.Join("cast"), $"{NameText.Quote(other)} is no element type; f32, f16, bf16 and f64 are");
                return null;
        }
    }
}
