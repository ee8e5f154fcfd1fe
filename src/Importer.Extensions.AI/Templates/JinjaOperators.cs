namespace Importer.Extensions.AI.Templates;

/// <summary>What the operators of expressions compute.</summary>
internal static class JinjaOperators
{
    /// <summary>Below zero where the first comes before the other: texts by their characters, everything else by its number.</summary>
    public static int Order(JinjaScope scope, object? one, object? other)
    {
        scope.StepOver(one);
        return one is string text && other is string otherText
            ? string.CompareOrdinal(text, otherText)
            : JinjaValue.Number(one).CompareTo(JinjaValue.Number(other));
    }

    /// <summary>Texts and lists one after the other, numbers added.</summary>
    public static object? Add(JinjaScope scope, object? one, object? other)
    {
        switch (one, other)
        {
            case (string text, string more):
                scope.StepForText((long)text.Length + more.Length);
                return text + more;
            case (List<object?> list, List<object?> more):
                scope.Step(1 + list.Count + more.Count);
                return list.Concat(more).ToList();
            default:
                return Arithmetic("+", one, other);
        }
    }

    /// <summary>Numbers by one of the signs + - * / // %, the last two as Python has them; whole where both are and the sign is not /.</summary>
    public static object Arithmetic(string sign, object? one, object? other)
    {
        double a = JinjaValue.Number(one), b = JinjaValue.Number(other);
        if (b == 0 && sign is ("/" or "//" or "%"))
        {
            throw JinjaError.Fails("a number is divided by zero");
        }

        double result = sign switch { "+" => a + b, "-" => a - b, "*" => a * b, "/" => a / b, "//" => Math.Floor(a / b), _ => a - b * Math.Floor(a / b) };
        bool isWhole = sign != "/" && one is not double && other is not double && Math.Abs(result) < 1L << 53;
        return JinjaValue.Box(result, isWhole);
    }
}
