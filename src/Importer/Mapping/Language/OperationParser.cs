using System.Globalization;

namespace Importer.Mapping.Language;

/// <summary>Parses the operations of a rule: at most one that takes pieces, one that orders axes, one that puts pieces together.</summary>
internal static class OperationParser
{
    private const string Known = "t, rearrange, split, concat, stack, unstack, take and pad";

    /// <exception cref="ExpressionSyntaxException">A text is no operation, or they do not go together.</exception>
    internal static OperationTemplate Parse(IReadOnlyList<string> texts)
    {
        OperationTemplate result = OperationTemplate.None;
        int stage = 0;
        foreach (string text in texts)
        {
            (int place, OperationTemplate next) = Add(result, text.Trim());
            if (place <= stage)
            {
                throw new ExpressionSyntaxException(
                    "operations come in this order, each at most once: split, unstack or take; then t or rearrange; then concat, stack or pad");
            }

            stage = place;
            result = next;
        }

        return result;
    }

    private static (int Place, OperationTemplate Result) Add(OperationTemplate operation, string text)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        string name = space < 0 ? text : text[..space], rest = space < 0 ? "" : text[(space + 1)..].Trim();
        return name switch
        {
            "t" when rest.Length == 0 => (2, operation with { Orders = [OrderTemplate.Transposed] }),
            "rearrange" => (2, operation with { Orders = [Rearrange(rest)] }),
            "split" => (1, operation with { From = Split(rest) }),
            "unstack" => (1, operation with { From = Stack(name, rest) }),
            "take" => (1, operation with { From = Take(rest) }),
            "concat" => (3, operation with { To = new PieceTemplate(PieceKind.Along) { Dimension = Dimension(name, rest) } }),
            "stack" => (3, operation with { To = Stack(name, rest) }),
            "pad" => (3, operation with { To = Pad(rest) }),
            _ => throw new ExpressionSyntaxException($"the operation {NameText.Quote(text)} is unknown; known are {Known}"),
        };
    }

    private static PieceTemplate Split(string text)
    {
        int open = text.IndexOf('[', StringComparison.Ordinal);
        return open > 0 && text.EndsWith(']')
            ? new PieceTemplate(PieceKind.Along)
            {
                Dimension = Dimension("split", text[..open].Trim()),
                Sizes = [.. text[(open + 1)..^1].Split(',').Select(size => ExpressionParser.ParseDimension(size.Trim()))],
            }
            : throw new ExpressionSyntaxException("'split' says the dimension and the sizes of the pieces, such as \"split 0 [D, D, D]\"");
    }

    private static PieceTemplate Stack(string name, string text)
    {
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts is [var dimension, ['{', .., '}'] variable] && TemplateParser.IsVariableName(variable[1..^1])
            ? new PieceTemplate(PieceKind.Stacked) { Dimension = Dimension(name, dimension), Variable = variable[1..^1] }
            : throw new ExpressionSyntaxException($"'{name}' says the dimension and the variable that it counts, such as \"{name} 0 {{e}}\"");
    }

    private static PieceTemplate Take(string text)
    {
        const string Restoring = " pad zeros";
        bool restores = text.EndsWith(Restoring, StringComparison.Ordinal);
        string[] parts = (restores ? text[..^Restoring.Length] : text).Split(' ', 2, StringSplitOptions.RemoveEmptyEntries);
        string[] bounds = parts.Length == 2 ? parts[1].Split(':') : [];
        return bounds is [var start, var end]
            ? new PieceTemplate(PieceKind.Window)
            {
                Dimension = Dimension("take", parts[0]),
                Start = start.Trim() is "0" or "" ? null : ExpressionParser.ParseDimension(start.Trim()),
                End = ExpressionParser.ParseDimension(end.Trim()),
                Restores = restores,
            }
            : throw new ExpressionSyntaxException(
                "'take' says the dimension and what is taken of it, such as \"take 0 0:V\"; \" pad zeros\" behind it lets an export make up the rest");
    }

    private static PieceTemplate Pad(string text)
    {
        string[] parts = text.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries);
        return parts is [var dimension, var total]
            ? new PieceTemplate(PieceKind.Window) { Dimension = Dimension("pad", dimension), Total = ExpressionParser.ParseDimension(total.Trim()) }
            : throw new ExpressionSyntaxException("'pad' says the dimension and its size with the zeros at its end, such as \"pad 0 P\"");
    }

    private static OrderTemplate Rearrange(string text)
    {
        string[] parts = text.Split(';');
        string[] sides = parts[0].Split("->");
        if (parts.Length > 2 || sides.Length != 2)
        {
            throw new ExpressionSyntaxException("'rearrange' has two sides and then sizes, such as \"rearrange (h d) D -> (d h) D; h=H\"");
        }

        IReadOnlyList<IReadOnlyList<string>> source = Groups(sides[0]), target = Groups(sides[1]);
        string[] axes = [.. source.SelectMany(group => group)];
        if (axes.Distinct(StringComparer.Ordinal).Count() != axes.Length
            || !axes.Order(StringComparer.Ordinal).SequenceEqual(target.SelectMany(group => group).Order(StringComparer.Ordinal)))
        {
            throw new ExpressionSyntaxException($"'{text.Trim()}' must name each axis once on each side");
        }

        Dictionary<string, Expression> sizes = new(StringComparer.Ordinal);
        foreach (string size in parts.Length == 2 ? parts[1].Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) : [])
        {
            string[] pair = size.Split('=');
            if (pair.Length != 2 || !axes.Contains(pair[0], StringComparer.Ordinal) || !sizes.TryAdd(pair[0], ExpressionParser.ParseDimension(pair[1])))
            {
                throw new ExpressionSyntaxException($"{NameText.Quote(size)} gives no axis of '{parts[0].Trim()}' its size; write h=H, without spaces");
            }
        }

        return new OrderTemplate { Source = source, Target = target, Sizes = sizes };
    }

    private static List<IReadOnlyList<string>> Groups(string side)
    {
        List<IReadOnlyList<string>> groups = [];
        List<string>? group = null;
        foreach (string token in side.Replace("(", " ( ", StringComparison.Ordinal).Replace(")", " ) ", StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (token)
            {
                case "(" when group is null:
                    group = [];
                    break;
                case ")" when group is { Count: > 0 }:
                    groups.Add(group);
                    group = null;
                    break;
                case "(" or ")":
                    throw new ExpressionSyntaxException($"the parentheses of '{side.Trim()}' do not match, or there is nothing between them");
                default:
                    if (token.Length > 32 || !char.IsAsciiLetter(token[0]) || !token.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                    {
                        throw new ExpressionSyntaxException($"{NameText.Quote(token)} is no axis; its name has letters, digits and '_'");
                    }

                    if (group is null)
                    {
                        groups.Add([token]);
                    }
                    else
                    {
                        group.Add(token);
                    }

                    break;
            }
        }

        if (group is not null)
        {
            throw new ExpressionSyntaxException($"the parentheses of '{side.Trim()}' do not match");
        }

        return groups.Count is > 0 and <= ShapeTemplate.MaxRank
            ? groups
            : throw new ExpressionSyntaxException($"'{side.Trim()}' is no list of 1 to {ShapeTemplate.MaxRank} dimensions");
    }

    private static int Dimension(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value < ShapeTemplate.MaxRank
            ? value
            : throw new ExpressionSyntaxException($"'{name}' is followed by a dimension, counted from 0, not by {NameText.Quote(text)}");
}
