namespace Importer.Extensions.AI.Templates;

/// <summary>
/// The values of a template: null, bool, long, double, string, lists and maps, and what is not there, with Python's rules for truth and
/// equality.
/// </summary>
internal static class JinjaValue
{
    private const int MaxDepth = 100;

    /// <summary>A name or field that is not there.</summary>
    public static object Undefined { get; } = new();

    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        List<object?> list => list.Count > 0,
        Dictionary<string, object?> map => map.Count > 0,
        _ => !ReferenceEquals(value, Undefined),
    };

    public static bool AreEqual(JinjaScope scope, object? one, object? other, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw JinjaError.Fails("a list or map is nested too deeply");
        }

        scope.StepOver(one);
        return (one, other) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            (string a, string b) => a == b,
            (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(scope, pair.First, pair.Second, depth + 1)),
            (Dictionary<string, object?> a, Dictionary<string, object?> b) =>
                a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out object? value) && AreEqual(scope, pair.Value, value, depth + 1)),
            _ when IsNumber(one) && IsNumber(other) => Number(one) == Number(other),
            _ => ReferenceEquals(one, other),
        };
    }

    public static bool IsNumber(object? value) => value is long or double or bool;

    public static double Number(object? value) => value switch
    {
        long number => number,
        double number => number,
        bool flag => flag ? 1 : 0,
        _ => throw JinjaError.Fails($"{Describe(value)} stands where a number was expected"),
    };

    public static long Whole(object? value) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => throw JinjaError.Fails($"{Describe(value)} stands where a whole number was expected"),
    };

    /// <summary>A number as the value that it is in a template.</summary>
    public static object Box(double number, bool isWhole)
    {
        object real = number, whole = (long)number;
        return isWhole ? whole : real;
    }

    public static string Require(object? value) => value as string ?? throw JinjaError.Fails($"{Describe(value)} stands where text was expected");

    /// <summary>What a loop goes over.</summary>
    public static List<object?> Items(JinjaScope scope, object? value)
    {
        switch (value)
        {
            case List<object?> list:
                return list;
            case Dictionary<string, object?> map:
                scope.Step(map.Count);
                return [.. map.Keys];
            case string text:
                scope.Step(text.Length);
                return [.. text.EnumerateRunes().Select(rune => rune.ToString())];
            default:
                return ReferenceEquals(value, Undefined) ? [] : throw JinjaError.Fails($"{Describe(value)} stands where a list was expected");
        }
    }

    public static bool Contains(JinjaScope scope, object? container, object? item)
    {
        scope.StepOver(container);
        return container switch
        {
            string text => Search(scope, text, Require(item)) >= 0,
            Dictionary<string, object?> map => item is string key && map.ContainsKey(key),
            _ => Items(scope, container).Any(one => AreEqual(scope, one, item)),
        };
    }

    /// <summary>Where a text is in another, in UTF-16 units; -1 where it is not.</summary>
    public static int Search(JinjaScope scope, string text, string part)
    {
        // At worst, most of the part is compared at every place.
        scope.Step(1 + text.Length / 1024 * (1L + part.Length / 64));
        return text.IndexOf(part, StringComparison.Ordinal);
    }

    /// <summary>How many elements or characters there are.</summary>
    public static long Length(JinjaScope scope, object? value)
    {
        if (value is not string text)
        {
            return Items(scope, value).Count;
        }

        scope.StepOver(text);
        return HasPairs(text) ? text.EnumerateRunes().Count() : text.Length;
    }

    public static object? Get(JinjaScope scope, object? container, object? key)
    {
        switch (container)
        {
            case Dictionary<string, object?> map:
                return key is string name && map.TryGetValue(name, out object? found) ? found : Undefined;
            case List<object?> list when key is long index:
                index = index < 0 ? index + list.Count : index;
                return index >= 0 && index < list.Count ? list[(int)index] : Undefined;
            case string text when key is long index:
                scope.StepOver(text);
                if (HasPairs(text))
                {
                    return Get(scope, Items(scope, text), index);
                }

                index = index < 0 ? index + text.Length : index;
                return index >= 0 && index < text.Length ? text[(int)index].ToString() : Undefined;
            case null:
                return Undefined;
            default:
                return ReferenceEquals(container, Undefined)
                    ? throw JinjaError.Fails($"{JinjaText.Of(scope, key)} is asked of something that is not there")
                    : Undefined;
        }
    }

    /// <summary>container[start:stop:step] by Python's rules.</summary>
    public static object Slice(JinjaScope scope, object? container, long? start, long? stop, long step)
    {
        scope.StepOver(container);
        if (container is string pairs && HasPairs(pairs))
        {
            return string.Concat(((List<object?>)Slice(scope, Items(scope, pairs), start, stop, step)).Cast<string>());
        }

        long length = container switch { string text => text.Length, List<object?> list => list.Count, _ => throw JinjaError.Fails($"{Describe(container)} is sliced") };
        if (step == 0)
        {
            throw JinjaError.Fails("a slice has the step 0");
        }

        step = Math.Clamp(step, -length - 1, length + 1);
        long lowest = step > 0 ? 0 : -1, highest = step > 0 ? length : length - 1;
        long Bound(long? value, long fallback) => value is { } given ? Math.Clamp(given < 0 ? given + length : given, lowest, highest) : fallback;
        long from = Bound(start, step > 0 ? 0 : length - 1), to = Bound(stop, step > 0 ? length : -1);
        if (step == 1 && container is string whole)
        {
            return from < to ? scope.Made(whole[(int)from..(int)to])! : "";
        }

        var places = new List<int>();
        for (long i = from; step > 0 ? i < to : i > to; i += step)
        {
            scope.Step();
            places.Add((int)i);
        }

        return container is string all ? string.Concat(places.Select(i => all[i])) : places.Select(i => ((List<object?>)container!)[i]).ToList();
    }

    public static string Describe(object? value) => value switch
    {
        null => "None",
        string => "text",
        bool => "a truth value",
        long or double => "a number",
        List<object?> => "a list",
        Dictionary<string, object?> => "a map",
        _ => "something that is not there",
    };

    // Python counts code points.
    private static bool HasPairs(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');
}
