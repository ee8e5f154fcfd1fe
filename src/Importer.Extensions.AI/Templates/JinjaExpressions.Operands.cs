using System.Globalization;

namespace Importer.Extensions.AI.Templates;

/// <content>What operators stand between: literals, lists, maps, names and calls.</content>
internal sealed partial class JinjaExpressions
{
    private JinjaExpression Primary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case JinjaTokenKind.Text:
                return _ => token.Text;
            case JinjaTokenKind.Number:
                object number = Number(token.Text);
                return _ => number;
            case JinjaTokenKind.Name:
                return Named(token.Text);
        }

        switch (token.Text)
        {
            case "(":
                return Parenthesised();
            case "[":
                return Listed([], "]");
            case "{":
                return Mapped();
            default:
                throw JinjaError.Broken($"'{token.Text}' is not understood");
        }
    }

    private JinjaExpression Mapped()
    {
        var pairs = new List<(JinjaExpression Key, JinjaExpression Value)>();
        while (!Accept("}"))
        {
            var key = Parse();
            Expect(":");
            pairs.Add((key, Parse()));
            if (!Accept(","))
            {
                Expect("}");
                break;
            }
        }

        return scope =>
        {
            var map = new Dictionary<string, object?>();
            foreach (var (key, value) in pairs)
            {
                map[key(scope) as string ?? throw JinjaError.Unsupported("a map whose keys are not text")] = value(scope);
            }

            return map;
        };
    }

    private static object Number(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long whole))
        {
            return whole;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double real)
            ? real
            : throw JinjaError.Broken($"'{text}' is no number");
    }

    /// <summary>What is in parentheses: an expression, or with a comma a tuple, which is a list here.</summary>
    private JinjaExpression Parenthesised()
    {
        if (Accept(")"))
        {
            return _ => new List<object?>();
        }

        var inner = Parse();
        if (Accept(","))
        {
            return Listed([inner], ")");
        }

        Expect(")");
        return inner;
    }

    private JinjaExpression Listed(List<JinjaExpression> items, string end)
    {
        while (!Accept(end))
        {
            items.Add(Parse());
            if (!Accept(","))
            {
                Expect(end);
                break;
            }
        }

        return scope => items.Select(item => item(scope)).ToList();
    }

    private JinjaExpression Named(string name)
    {
        switch (name)
        {
            case "true" or "True":
                return _ => true;
            case "false" or "False":
                return _ => false;
            case "none" or "None":
                return _ => null;
        }

        if (!Accept("("))
        {
            return scope => scope[name];
        }

        var (args, named) = Arguments();
        return scope => scope.Made(JinjaFunctions.Call(scope, name, Values(args, scope), Values(named, scope)));
    }
}
