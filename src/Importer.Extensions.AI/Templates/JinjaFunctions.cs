namespace Importer.Extensions.AI.Templates;

/// <summary>The functions, methods, filters and tests that templates call.</summary>
internal static class JinjaFunctions
{
    private const int MaxRange = 100_000;

    /// <summary>Calls a function of the template language.</summary>
    public static object? Call(string name, IReadOnlyList<object?> args, Dictionary<string, object?> named) => name switch
    {
        "namespace" or "dict" => new Dictionary<string, object?>(named),
        "range" => Range(args),
        "raise_exception" => throw JinjaError.Fails(JinjaValue.Text(args.Count > 0 ? args[0] : null)),
        _ => throw JinjaError.Unsupported($"the function {name}"),
    };

    /// <summary>Calls a method of a value, as Python has it.</summary>
    public static object? Method(object? target, string name, IReadOnlyList<object?> args) => target switch
    {
        string text => TextMethod(text, name, args),
        Dictionary<string, object?> map => name switch
        {
            "items" => Pairs(map),
            "keys" => map.Keys.Cast<object?>().ToList(),
            "values" => map.Values.ToList(),
            "get" when args.Count > 0 => map.TryGetValue(JinjaValue.Text(args[0]), out object? value) ? value : (args.Count > 1 ? args[1] : null),
            _ => throw JinjaError.Unsupported($"the method {name}"),
        },
        _ => throw JinjaError.Unsupported($"the method {name} of {JinjaValue.Describe(target)}"),
    };

    /// <summary>Applies a filter.</summary>
    public static object? Filter(object? value, string name, IReadOnlyList<object?> args, Dictionary<string, object?> named) => name switch
    {
        "trim" => JinjaValue.Text(value).Trim(),
        "upper" => JinjaValue.Text(value).ToUpperInvariant(),
        "lower" => JinjaValue.Text(value).ToLowerInvariant(),
        "capitalize" => JinjaValue.Text(value) is { Length: > 0 } text ? char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant() : "",
        "string" => JinjaValue.Text(value),
        "safe" => value,
        "length" or "count" => (long)(value is string text ? text.Length : JinjaValue.Items(value).Count),
        "first" => JinjaValue.Items(value) is [var first, ..] ? first : JinjaValue.Undefined,
        "last" => JinjaValue.Items(value) is [.., var last] ? last : JinjaValue.Undefined,
        "list" => JinjaValue.Items(value).ToList(),
        "items" => Pairs(value as Dictionary<string, object?> ?? []),
        "join" => string.Join(args.Count > 0 ? JinjaValue.Text(args[0]) : "", JinjaValue.Items(value).Select(JinjaValue.Text)),
        "default" or "d" => ReferenceEquals(value, JinjaValue.Undefined) || (args.Count > 1 && JinjaValue.IsTrue(args[1]) && !JinjaValue.IsTrue(value)) ? (args.Count > 0 ? args[0] : "") : value,
        "replace" when args.Count == 2 => Replace(JinjaValue.Text(value), args),
        "int" => value is string text ? long.TryParse(text, out long parsed) ? parsed : 0L : (long)JinjaValue.Number(value),
        "tojson" => JinjaValue.ToJson(value, named.GetValueOrDefault("indent") is { } indent ? checked((int)Math.Clamp(JinjaValue.Whole(indent), 0, 16)) : null),
        _ => throw JinjaError.Unsupported($"the filter {name}"),
    };

    /// <summary>Whether "value is name" holds.</summary>
    public static bool Test(object? value, string name) => name switch
    {
        "defined" => !ReferenceEquals(value, JinjaValue.Undefined),
        "undefined" => ReferenceEquals(value, JinjaValue.Undefined),
        "none" => value is null,
        "string" => value is string,
        "mapping" => value is Dictionary<string, object?>,
        "iterable" or "sequence" => value is string or List<object?> or Dictionary<string, object?>,
        "number" => value is long or double,
        "integer" => value is long,
        "float" => value is double,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        _ => throw JinjaError.Unsupported($"the test {name}"),
    };

    private static object? TextMethod(string text, string name, IReadOnlyList<object?> args) => name switch
    {
        "strip" => args.Count == 0 || args[0] is null ? text.Trim() : text.Trim(Characters(args)),
        "lstrip" => args.Count == 0 || args[0] is null ? text.TrimStart() : text.TrimStart(Characters(args)),
        "rstrip" => args.Count == 0 || args[0] is null ? text.TrimEnd() : text.TrimEnd(Characters(args)),
        "startswith" when args.Count == 1 => text.StartsWith(JinjaValue.Require(args[0]), StringComparison.Ordinal),
        "endswith" when args.Count == 1 => text.EndsWith(JinjaValue.Require(args[0]), StringComparison.Ordinal),
        "upper" => text.ToUpperInvariant(),
        "lower" => text.ToLowerInvariant(),
        "replace" when args.Count == 2 => Replace(text, args),
        "split" when args.Count == 0 => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Cast<object?>().ToList(),
        "split" when args is [string { Length: > 0 } separator] => text.Split(separator).Cast<object?>().ToList(),
        "find" when args.Count == 1 => (long)text.IndexOf(JinjaValue.Require(args[0]), StringComparison.Ordinal),
        _ => throw JinjaError.Unsupported($"the method {name} of text with {args.Count} arguments"),
    };

    private static string Replace(string text, IReadOnlyList<object?> args) => JinjaValue.Require(args[0]) is { Length: > 0 } old
        ? text.Replace(old, JinjaValue.Require(args[1]), StringComparison.Ordinal)
        : throw JinjaError.Unsupported("the replacement of nothing");

    private static char[] Characters(IReadOnlyList<object?> args) => JinjaValue.Require(args[0]).ToCharArray();

    private static List<object?> Pairs(Dictionary<string, object?> map) => [.. map.Select(pair => (object?)new List<object?> { pair.Key, pair.Value })];

    private static List<object?> Range(IReadOnlyList<object?> args)
    {
        long[] numbers = [.. args.Select(JinjaValue.Whole)];
        var (start, stop, step) = numbers switch
        {
            [var end] => (0, end, 1),
            [var begin, var end] => (begin, end, 1),
            [var begin, var end, var by] when by != 0 => (begin, end, by),
            _ => throw JinjaError.Broken("range takes one to three numbers, the last of them not 0"),
        };
        var list = new List<object?>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            if (list.Count == MaxRange)
            {
                throw JinjaError.Fails("a range is too long");
            }

            list.Add(i);
        }

        return list;
    }
}
