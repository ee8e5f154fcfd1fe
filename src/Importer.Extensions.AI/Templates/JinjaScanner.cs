using System.Globalization;
using System.Text;

namespace Importer.Extensions.AI.Templates;

/// <summary>
/// Cuts a template into parts and expressions into tokens, with the white space rules that transformers renders with: trim_blocks and
/// lstrip_blocks.
/// </summary>
internal static class JinjaScanner
{
    private const int MaxTokens = 2000;

    private static readonly string[] Signs = ["**", "//", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|", "~", "+", "-", "*", "/", "%", "=", "<", ">"];

    public static List<JinjaPart> Split(string template)
    {
        var parts = new List<JinjaPart>();
        int place = 0;
        bool trimStart = false, dropLineEnd = false;
        while (place <= template.Length)
        {
            int open = NextTag(template, place);
            string text = template[place..(open < 0 ? template.Length : open)];
            if (trimStart)
            {
                text = text.TrimStart();
            }
            else if (dropLineEnd && text.StartsWith('\n'))
            {
                text = text[1..];
            }

            if (open < 0)
            {
                Add(text);
                return parts;
            }

            char kind = template[open + 1];
            string closing = kind switch { '{' => "}}", '%' => "%}", _ => "#}" };
            int begin = open + 2;
            int close = FindClose(template, begin, closing, kind != '#');
            if (close < 0)
            {
                throw JinjaError.Broken($"a tag is not closed: {template[open..]}");
            }

            string inside = template[begin..close];
            if (inside.StartsWith('-'))
            {
                (text, inside) = (text.TrimEnd(), inside[1..]);
            }
            else if (inside.StartsWith('+'))
            {
                inside = inside[1..];
            }
            else if (kind != '{' && OnlyBlanksBefore(template, open))
            {
                text = text.TrimEnd(' ', '\t');
            }

            trimStart = inside.EndsWith('-');
            dropLineEnd = kind != '{' && !inside.EndsWith('+');
            inside = inside.EndsWith('-') || inside.EndsWith('+') ? inside[..^1] : inside;
            Add(text);
            if (kind != '#')
            {
                parts.Add(new JinjaPart(kind == '{' ? JinjaKind.Output : JinjaKind.Block, inside));
            }

            place = close + 2;
        }

        return parts;

        void Add(string text)
        {
            if (text.Length > 0)
            {
                parts.Add(new JinjaPart(JinjaKind.Text, text));
            }
        }
    }

    public static List<JinjaToken> Tokens(string expression)
    {
        var tokens = new List<JinjaToken>();
        for (int i = 0; i < expression.Length;)
        {
            char c = expression[i];
            int start = i;
            if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (char.IsLetter(c) || c == '_')
            {
                while (i < expression.Length && (char.IsLetterOrDigit(expression[i]) || expression[i] == '_'))
                {
                    i++;
                }

                tokens.Add(new JinjaToken(JinjaTokenKind.Name, expression[start..i]));
            }
            else if (char.IsAsciiDigit(c))
            {
                while (i < expression.Length && (char.IsAsciiDigit(expression[i]) || (expression[i] == '.' && i + 1 < expression.Length && char.IsAsciiDigit(expression[i + 1]))))
                {
                    i++;
                }

                tokens.Add(new JinjaToken(JinjaTokenKind.Number, expression[start..i]));
            }
            else if (c is '\'' or '"')
            {
                tokens.Add(new JinjaToken(JinjaTokenKind.Text, Quoted(expression, ref i)));
            }
            else if (Array.Find(Signs, sign => string.CompareOrdinal(expression, start, sign, 0, sign.Length) == 0) is { } sign)
            {
                i += sign.Length;
                tokens.Add(new JinjaToken(JinjaTokenKind.Sign, sign));
            }
            else
            {
                throw JinjaError.Broken($"'{c}' in an expression: {expression.Trim()}");
            }
        }

        // An expression is computed by functions that call each other: a chain of any length would take a stack of any depth.
        if (tokens.Count > MaxTokens)
        {
            throw JinjaError.Broken($"an expression is longer than {MaxTokens} words and signs");
        }

        tokens.Add(new JinjaToken(JinjaTokenKind.End, ""));
        return tokens;
    }

    private static string Quoted(string expression, ref int i)
    {
        char quote = expression[i++];
        var text = new StringBuilder();
        for (; i < expression.Length && expression[i] != quote; i++)
        {
            if (expression[i] != '\\' || i + 1 == expression.Length)
            {
                text.Append(expression[i]);
                continue;
            }

            switch (expression[++i])
            {
                case 'n': text.Append('\n'); break;
                case 't': text.Append('\t'); break;
                case 'a': text.Append('\a'); break;
                case 'b': text.Append('\b'); break;
                case 'f': text.Append('\f'); break;
                case 'v': text.Append('\v'); break;
                case 'r': text.Append('\r'); break;
                case '\\' or '\'' or '"': text.Append(expression[i]); break;
                case 'x' or 'u' or 'U': text.Append(Coded(expression, ref i)); break;
                case '\n': break;
                case (>= '0' and <= '7') or 'N': throw JinjaError.Unsupported($"a string with the escape \\{expression[i]}");
                default: text.Append('\\').Append(expression[i]); break;
            }
        }

        return i++ < expression.Length ? text.ToString() : throw JinjaError.Broken($"a string is not closed: {expression.Trim()}");
    }

    // \xHH, \uHHHH or \UHHHHHHHH; the last digit is left to be passed over.
    private static string Coded(string expression, ref int i)
    {
        int digits = expression[i] switch { 'x' => 2, 'u' => 4, _ => 8 };
        if (i + digits < expression.Length
            && uint.TryParse(expression.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) && code <= 0x10FFFF)
        {
            i += digits;
            return code <= char.MaxValue ? ((char)code).ToString() : new Rune(code).ToString();
        }

        throw JinjaError.Broken($"a string has an escape that is no character: {expression.Trim()}");
    }

    private static int NextTag(string template, int from)
    {
        for (int i = template.IndexOf('{', from); i >= 0 && i + 1 < template.Length; i = template.IndexOf('{', i + 1))
        {
            if (template[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return -1;
    }

    private static int FindClose(string template, int from, string closing, bool hasStrings)
    {
        char quote = '\0';
        for (int i = from; i < template.Length; i++)
        {
            char c = template[i];
            if (quote != '\0')
            {
                i += c == '\\' ? 1 : 0;
                quote = c == quote ? '\0' : quote;
            }
            else if (string.CompareOrdinal(template, i, closing, 0, 2) == 0)
            {
                return i;
            }
            else if (hasStrings && c is ('\'' or '"'))
            {
                quote = c;
            }
        }

        return -1;
    }

    private static bool OnlyBlanksBefore(string template, int place)
    {
        while (place > 0 && template[place - 1] is (' ' or '\t'))
        {
            place--;
        }

        return place == 0 || template[place - 1] == '\n';
    }
}
