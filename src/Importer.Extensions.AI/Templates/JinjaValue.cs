using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Importer.Extensions.AI.Templates;

/// <summary>
/// The values of a template: null, bool, long, double, string, lists and maps, and what is not there, with Python's rules for truth,
/// equality and text.
/// </summary>
internal static class JinjaValue
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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

    public static bool AreEqual(object? one, object? other) => (one, other) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (string a, string b) => a == b,
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (Dictionary<string, object?> a, Dictionary<string, object?> b) =>
            a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out object? value) && AreEqual(pair.Value, value)),
        _ when IsNumber(one) && IsNumber(other) => Number(one) == Number(other),
        _ => ReferenceEquals(one, other),
    };

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

    public static string Text(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("0.0###############", CultureInfo.InvariantCulture),
        string text => text,
        _ when ReferenceEquals(value, Undefined) => "",
        _ => ToJson(value, indent: null),
    };

    public static string Require(object? value) => value as string ?? throw JinjaError.Fails($"{Describe(value)} stands where text was expected");

    /// <summary>What a loop goes over.</summary>
    public static List<object?> Items(object? value) => value switch
    {
        List<object?> list => list,
        Dictionary<string, object?> map => [.. map.Keys],
        string text => [.. text.EnumerateRunes().Select(rune => rune.ToString())],
        _ when ReferenceEquals(value, Undefined) => [],
        _ => throw JinjaError.Fails($"{Describe(value)} stands where a list was expected"),
    };

    public static bool Contains(object? container, object? item) => container switch
    {
        string text => text.Contains(Require(item), StringComparison.Ordinal),
        Dictionary<string, object?> map => item is string key && map.ContainsKey(key),
        _ => Items(container).Any(one => AreEqual(one, item)),
    };

    public static object? Get(object? container, object? key)
    {
        switch (container)
        {
            case Dictionary<string, object?> map:
                return key is string name && map.TryGetValue(name, out object? found) ? found : Undefined;
            case List<object?> list when key is long index:
                index = index < 0 ? index + list.Count : index;
                return index >= 0 && index < list.Count ? list[(int)index] : Undefined;
            case string text when key is long index:
                index = index < 0 ? index + text.Length : index;
                return index >= 0 && index < text.Length ? text[(int)index].ToString() : Undefined;
            case null:
                return Undefined;
            default:
                return ReferenceEquals(container, Undefined)
                    ? throw JinjaError.Fails($"{Text(key)} is asked of something that is not there")
                    : Undefined;
        }
    }

    /// <summary>container[start:stop:step] by Python's rules.</summary>
    public static object Slice(object? container, long? start, long? stop, long step)
    {
        long length = container switch { string text => text.Length, List<object?> list => list.Count, _ => throw JinjaError.Fails($"{Describe(container)} is sliced") };
        if (step == 0)
        {
            throw JinjaError.Fails("a slice has the step 0");
        }

        long lowest = step > 0 ? 0 : -1, highest = step > 0 ? length : length - 1;
        long Bound(long? value, long fallback) => value is { } given ? Math.Clamp(given < 0 ? given + length : given, lowest, highest) : fallback;
        long from = Bound(start, step > 0 ? 0 : length - 1), to = Bound(stop, step > 0 ? length : -1);
        var places = new List<int>();
        for (long i = from; step > 0 ? i < to : i > to; i += step)
        {
            places.Add((int)i);
        }

        return container is string all ? string.Concat(places.Select(i => all[i])) : places.Select(i => ((List<object?>)container!)[i]).ToList();
    }

    /// <summary>As json.dumps of Python writes it, without escaping what is not ASCII.</summary>
    public static string ToJson(object? value, int? indent, int depth = 0)
    {
        string Line(int level) => indent is { } width ? "\n" + new string(' ', width * level) : "";
        string between = indent is null ? ", " : ",";
        switch (value)
        {
            case null:
                return "null";
            case bool flag:
                return flag ? "true" : "false";
            case string text:
                return JsonSerializer.Serialize(text, Json);
            case List<object?> list:
                return list.Count == 0 ? "[]" : $"[{Line(depth + 1)}{string.Join(between + Line(depth + 1), list.Select(item => ToJson(item, indent, depth + 1)))}{Line(depth)}]";
            case Dictionary<string, object?> map:
                return map.Count == 0 ? "{}" : $"{{{Line(depth + 1)}{string.Join(between + Line(depth + 1), map.Select(pair => $"{ToJson(pair.Key, indent)}: {ToJson(pair.Value, indent, depth + 1)}"))}{Line(depth)}}}";
            default:
                return Text(value);
        }
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
}
