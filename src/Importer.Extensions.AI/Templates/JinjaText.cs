using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Importer.Extensions.AI.Templates;

/// <summary>Values as text: as Python prints them, and as JSON. Lists and maps may be large, deep or hold themselves, so all of it is counted.</summary>
internal sealed class JinjaText
{
    private const int MaxDepth = 100;

    private static readonly JsonSerializerOptions Escaping = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JinjaScope _scope;
    private readonly int? _indent;
    private readonly bool _json;
    private readonly StringBuilder _text = new();

    private JinjaText(JinjaScope scope, bool json, int? indent)
    {
        _scope = scope;
        _json = json;
        _indent = indent;
    }

    /// <summary>As Python's <c>str</c> has it.</summary>
    public static string Of(JinjaScope scope, object? value)
    {
        if (value is string text)
        {
            return text;
        }

        if (value is not (List<object?> or Dictionary<string, object?>))
        {
            return Scalar(value);
        }

        var writer = new JinjaText(scope, json: false, indent: null);
        writer.Write(value, depth: 0);
        return writer._text.ToString();
    }

    /// <summary>As Python's json.dumps writes it, without escaping what is not ASCII.</summary>
    public static string Json(JinjaScope scope, object? value, int? indent)
    {
        var writer = new JinjaText(scope, json: true, indent);
        writer.Write(value, depth: 0);
        return writer._text.ToString();
    }

    private static string Scalar(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Number(number),
        _ => "",
    };

    // Python's repr: the shortest digits that give the number again.
    private static string Number(double number)
    {
        string text = number.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
        return text switch
        {
            "infinity" => "inf",
            "-infinity" => "-inf",
            _ => text.AsSpan().ContainsAny('.', 'e', 'n') ? text : text + ".0",
        };
    }

    private void Write(object? value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw JinjaError.Fails("a list or map is nested too deeply");
        }

        _scope.Step();
        switch (value)
        {
            case string text:
                _scope.StepForText(text.Length);
                _text.Append(_json ? JsonSerializer.Serialize(text, Escaping) : Quoted(text));
                break;
            case List<object?> list:
                Sequence('[', ']', list, depth, item => Write(item, depth + 1));
                break;
            case Dictionary<string, object?> map:
                Sequence('{', '}', map, depth, pair =>
                {
                    Write(pair.Key, depth + 1);
                    _text.Append(": ");
                    Write(pair.Value, depth + 1);
                });
                break;
            case null when _json:
                _text.Append("null");
                break;
            case bool flag when _json:
                _text.Append(flag ? "true" : "false");
                break;
            default:
                _text.Append(ReferenceEquals(value, JinjaValue.Undefined) ? (_json ? throw JinjaError.Fails("something that is not there is written as JSON") : "Undefined") : Scalar(value));
                break;
        }
    }

    private void Sequence<T>(char open, char close, IReadOnlyCollection<T> items, int depth, Action<T> write)
    {
        _text.Append(open);
        bool first = true;
        foreach (var item in items)
        {
            _text.Append(first ? "" : _indent is null ? ", " : ",");
            first = false;
            Line(depth + 1);
            write(item);
        }

        if (!first)
        {
            Line(depth);
        }

        _text.Append(close);
    }

    private void Line(int level)
    {
        if (_indent is { } width)
        {
            _scope.StepForText(width * level);
            _text.Append('\n').Append(' ', width * level);
        }
    }

    // Python takes double quotes only where the text has single ones and no double ones.
    private static string Quoted(string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var result = new StringBuilder(text.Length + 2).Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            int c = rune.Value;
            if (c == quote || c == '\\')
            {
                result.Append('\\').Append((char)c);
            }
            else if (c is '\n' or '\r' or '\t')
            {
                result.Append(c switch { '\n' => @"\n", '\r' => @"\r", _ => @"\t" });
            }
            else if (c == ' ' || Rune.GetUnicodeCategory(rune) is not (
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator))
            {
                result.Append(rune.ToString());
            }
            else
            {
                result.Append(c < 0x100 ? $@"\x{c:x2}" : c < 0x10000 ? $@"\u{c:x4}" : $@"\U{c:x8}");
            }
        }

        return result.Append(quote).ToString();
    }
}
