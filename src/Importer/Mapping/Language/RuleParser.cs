using System.Text.Json;
using Importer.Mapping.Operations;

namespace Importer.Mapping.Language;

/// <summary>Parses the rules of "map", "tie" and "drop".</summary>
internal sealed class RuleParser(TableText text, IReadOnlyDictionary<string, TemplateVariable> variables)
{
    private const string DefaultReason = "not a parameter";

    /// <summary>Parses <c>[source, target, shape]</c>, followed by an operation or an object of options, or nothing.</summary>
    internal MapRule? Map(JsonItem item, string path, int index)
    {
        if (item.Kind != JsonValueKind.Array || item.Items.Count is not (3 or 4))
        {
            text.Report(item.Offset, path, "a rule is a list: [source, target, shape] and then an operation or an object of options");
            return null;
        }

        JsonItem? last = item.Items.Count == 4 ? item.Items[3] : null;
        JsonItem none = new() { Kind = JsonValueKind.Object, Offset = item.Offset };
        TableObject options = new(
            text, last is null || last.Kind == JsonValueKind.String ? none : last, $"{path}[3]", TableProperties.MapOptions);
        TemplateParser templates = new(variables);
        Template? source = options.Parse(item.Items[0], $"{path}[0]", templates.ParseSource);
        Template? target = source is null ? null : options.Parse(item.Items[1], $"{path}[1]", templates.ParseTarget);
        ShapeTemplate? shape = options.Parse(item.Items[2], $"{path}[2]", ShapeTemplate.Parse);
        TensorOperation? operation = last?.Kind == JsonValueKind.String
            ? options.Parse(last, $"{path}[3]", ParseOperation)
            : options.Parse("op", ParseOperation);
        string? layout = options.Text("as", required: false);
        if (layout is not (null or "linear"))
        {
            text.Report(options.Find("as")!.Offset, options.Join("as"), $"{NameText.Quote(layout)} is unknown; only \"linear\" is known");
        }

        Expression? when = options.Parse("when", ExpressionParser.Parse);
        return source is null || target is null || shape is null
            ? null
            : new MapRule
            {
                Source = source,
                Target = target,
                Variables = templates.Variables,
                Shape = shape,
                Operation = operation ?? TensorOperation.None,
                IsLinear = layout is not null,
                When = when,
                Location = new RuleLocation("map", index, text.Line(item.Offset)),
                Offset = item.Offset,
            };
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

        Expression? when = tie.Parse("when", ExpressionParser.Parse);
        return target is null || to is null
            ? null
            : new TieRule
            {
                Target = target,
                To = to,
                When = when,
                Source = source,
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
        ShapeTemplate? shape = drop.Parse("shape", ShapeTemplate.Parse);
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
                Source = key,
                Variables = templates.Variables,
                Shape = shape,
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

    private static TensorOperation ParseOperation(string operation) => operation switch
    {
        "t" => TensorOperation.Transpose,
        _ => throw new ExpressionSyntaxException($"the operation {NameText.Quote(operation)} is unknown; known is t"),
    };
}
