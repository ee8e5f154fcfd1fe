using System.Globalization;

namespace Importer.Extensions.AI.Templates;

/// <summary>The functions, methods, filters and tests that templates call. What they are given and make is counted by who calls them.</summary>
internal static class JinjaFunctions
{
    private const int MaxRange = 100_000;

    /// <summary>Calls a function of the template language.</summary>
    public static object? Call(JinjaScope scope, string name, IReadOnlyList<object?> args, Dictionary<string, object?> named)
    {
        switch (name)
        {
            case "namespace" or "dict" when args.Count == 0:
                return named;
            case "range" when named.Count == 0:
                return Range(args);
            case "raise_exception" when named.Count == 0:
                throw JinjaError.Fails(JinjaText.Of(scope, args.Count > 0 ? args[0] : null));
            case "namespace" or "dict" or "range" or "raise_exception":
                throw JinjaError.Unsupported($"the function {name} with such arguments");
            default:
                throw JinjaError.Unsupported($"the function {name}");
        }
    }

    /// <summary>Calls a method of a value, as Python has it.</summary>
    public static object? Method(JinjaScope scope, object? target, string name, IReadOnlyList<object?> args) => target switch
    {
        string text => TextMethod(scope, text, name, args),
        Dictionary<string, object?> map => name switch
        {
            "items" when args.Count == 0 => Pairs(map),
            "keys" when args.Count == 0 => map.Keys.Cast<object?>().ToList(),
            "values" when args.Count == 0 => map.Values.ToList(),
            "get" when args.Count is 1 or 2 => args[0] is string key && map.TryGetValue(key, out object? value) ? value : (args.Count > 1 ? args[1] : null),
            _ => throw JinjaError.Unsupported($"the method {name} of a map with {args.Count} arguments"),
        },
        _ => throw JinjaError.Unsupported($"the method {name} of {JinjaValue.Describe(target)}"),
    };

    /// <summary>Applies a filter.</summary>
    public static object? Filter(JinjaScope scope, object? value, string name, IReadOnlyList<object?> args, Dictionary<string, object?> named)
    {
        string Text(object? of) => JinjaText.Of(scope, of);
        if (args.Count > MostArguments(name) || !named.Keys.All(key => Takes(name, key)))
        {
            throw JinjaError.Unsupported($"the filter {name} with such arguments");
        }

        switch (name)
        {
            case "trim":
                return args.Count == 0 || args[0] is null ? Text(value).Trim() : Text(value).Trim(Characters(args));
            case "upper":
                return Text(value).ToUpperInvariant();
            case "lower":
                return Text(value).ToLowerInvariant();
            case "capitalize":
                return Text(value) is { Length: > 0 } text ? char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant() : "";
            case "string":
                return Text(value);
            case "safe":
                return value;
            case "length" or "count":
                return JinjaValue.Length(scope, value);
            case "first":
                return JinjaValue.Items(scope, value) is [var first, ..] ? first : JinjaValue.Undefined;
            case "last":
                return JinjaValue.Items(scope, value) is [.., var last] ? last : JinjaValue.Undefined;
            case "list":
                return JinjaValue.Items(scope, value).ToList();
            case "items":
                return Pairs(value as Dictionary<string, object?> ?? []);
            case "selectattr" or "rejectattr" when args is [string attribute, ..] && !attribute.Contains('.'):
                return JinjaValue.Items(scope, value)
                    .Where(item => Holds(scope, JinjaValue.Get(scope, item, attribute), [.. args.Skip(1)]) == (name == "selectattr")).ToList();
            case "join":
                return Join(scope, args.Count > 0 ? Text(args[0]) : "", JinjaValue.Items(scope, value));
            case "default" or "d":
                bool orEmpty = JinjaValue.IsTrue(args.Count > 1 ? args[1] : named.GetValueOrDefault("boolean"));
                return ReferenceEquals(value, JinjaValue.Undefined) || (orEmpty && !JinjaValue.IsTrue(value)) ? (args.Count > 0 ? args[0] : named.GetValueOrDefault("default_value", "")) : value;
            case "replace" when args.Count == 2:
                return Replace(scope, Text(value), args);
            case "int":
                return Whole(value, args.Count > 0 ? args[0] : named.GetValueOrDefault("default", 0L));
            case "tojson" when !JinjaValue.IsTrue(named.GetValueOrDefault("ensure_ascii")):
                return JinjaText.Json(scope, value, named.GetValueOrDefault("indent") is { } indent ? (int)Math.Clamp(JinjaValue.Whole(indent), 0, 16) : null);
            default:
                throw JinjaError.Unsupported($"the filter {name}");
        }
    }

    /// <summary>Whether "value is name" holds.</summary>
    public static bool Test(object? value, string name) => name switch
    {
        "defined" => !ReferenceEquals(value, JinjaValue.Undefined),
        "undefined" => ReferenceEquals(value, JinjaValue.Undefined),
        "none" => value is null,
        "string" => value is string,
        "mapping" => value is Dictionary<string, object?>,
        "iterable" or "sequence" => value is string or List<object?> or Dictionary<string, object?> || ReferenceEquals(value, JinjaValue.Undefined),
        "number" => JinjaValue.IsNumber(value),
        "integer" => value is long,
        "float" => value is double,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        _ => throw JinjaError.Unsupported($"the test {name}"),
    };

    private static int MostArguments(string filter) => filter switch
    {
        "upper" or "lower" or "capitalize" or "string" or "safe" or "length" or "count" or "first" or "last" or "list" or "items" or "tojson" => 0,
        "trim" or "join" or "int" => 1,
        "default" or "d" or "replace" => 2,
        "selectattr" or "rejectattr" => 3,
        _ => throw JinjaError.Unsupported($"the filter {filter}"),
    };

    // The test that selectattr is given by its name.
    private static bool Holds(JinjaScope scope, object? value, object?[] test)
    {
        scope.Step();
        return test switch
        {
            [] => JinjaValue.IsTrue(value),
            [string name] => Test(value, name),
            ["equalto" or "eq" or "==", var other] => JinjaValue.AreEqual(scope, value, other),
            ["ne" or "!=", var other] => !JinjaValue.AreEqual(scope, value, other),
            ["in", var list] => JinjaValue.Contains(scope, list, value),
            _ => throw JinjaError.Unsupported($"the test {JinjaText.Of(scope, test[0])} of selectattr"),
        };
    }

    private static bool Takes(string filter, string argument) => (filter, argument) is
        ("default" or "d", "boolean" or "default_value") or ("int", "default") or ("tojson", "indent" or "ensure_ascii");

    private static object? TextMethod(JinjaScope scope, string text, string name, IReadOnlyList<object?> args) => name switch
    {
        "strip" when args.Count < 2 => args.Count == 0 || args[0] is null ? text.Trim() : text.Trim(Characters(args)),
        "lstrip" when args.Count < 2 => args.Count == 0 || args[0] is null ? text.TrimStart() : text.TrimStart(Characters(args)),
        "rstrip" when args.Count < 2 => args.Count == 0 || args[0] is null ? text.TrimEnd() : text.TrimEnd(Characters(args)),
        "startswith" when args.Count == 1 => text.StartsWith(JinjaValue.Require(args[0]), StringComparison.Ordinal),
        "endswith" when args.Count == 1 => text.EndsWith(JinjaValue.Require(args[0]), StringComparison.Ordinal),
        "upper" when args.Count == 0 => text.ToUpperInvariant(),
        "lower" when args.Count == 0 => text.ToLowerInvariant(),
        "replace" when args.Count == 2 => Replace(scope, text, args),
        "split" when args.Count == 0 => Words(scope, text),
        "split" when args is [string { Length: > 0 } separator] => Split(scope, text, separator),
        "find" when args.Count == 1 => JinjaValue.Search(scope, text, JinjaValue.Require(args[0])) is >= 0 and var at ? JinjaValue.Length(scope, text[..at]) : -1L,
        _ => throw JinjaError.Unsupported($"the method {name} of text with {args.Count} arguments"),
    };

    private static string Replace(JinjaScope scope, string text, IReadOnlyList<object?> args)
    {
        string old = JinjaValue.Require(args[0]), replacement = JinjaValue.Require(args[1]);
        if (old.Length == 0)
        {
            throw JinjaError.Unsupported("the replacement of nothing");
        }

        scope.StepForText(text.Length + Count(scope, text, old) * Math.Max(0L, replacement.Length - old.Length));
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }

    private static string Join(JinjaScope scope, string between, List<object?> items)
    {
        var texts = new List<string>(items.Count);
        foreach (object? item in items)
        {
            texts.Add(JinjaText.Of(scope, item));
            scope.StepForText(texts[^1].Length + between.Length);
        }

        return string.Join(between, texts);
    }

    private static List<object?> Split(JinjaScope scope, string text, string separator)
    {
        scope.Step(Count(scope, text, separator));
        return text.Split(separator).Cast<object?>().ToList();
    }

    private static List<object?> Words(JinjaScope scope, string text)
    {
        scope.Step(text.AsSpan().Count(' ') + text.Length / 16);
        return text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Cast<object?>().ToList();
    }

    private static long Count(JinjaScope scope, string text, string part)
    {
        scope.Step(1 + text.Length / 1024 * (1L + part.Length / 64));
        return text.AsSpan().Count(part);
    }

    // Spaces and a fraction are allowed, as Jinja has it.
    private static object? Whole(object? value, object? otherwise) => value switch
    {
        string text when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long whole) => whole,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real) => (long)real,
        double real when double.IsFinite(real) => (long)real,
        long or bool => JinjaValue.Whole(value),
        _ => otherwise,
    };

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
        for (Int128 i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            if (list.Count == MaxRange)
            {
                throw JinjaError.Fails("a range is too long");
            }

            list.Add((long)i);
        }

        return list;
    }
}
