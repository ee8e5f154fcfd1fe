using System.Globalization;

namespace Importer.Mapping.Language;

/// <summary>
/// A tensor name with variables, such as <c>h.{i}.ln_{n:1,2}.{wb}</c>. The variables belong to the rule, so that its source
/// and its target speak of the same ones.
/// </summary>
/// <param name="text">As the table writes it.</param>
/// <param name="isAbsolute">Whether it began with <c>^</c>: outside the table's prefix.</param>
/// <param name="parts">Its pieces.</param>
internal sealed class Template(string text, bool isAbsolute, IReadOnlyList<TemplatePart> parts)
{
    private const int MaxIndexDigits = 9;

    internal string Text => text;

    internal bool IsAbsolute => isAbsolute;

    internal IReadOnlyList<TemplatePart> Parts => parts;

    internal bool Uses(int variable) => parts.Any(part => part.Variable == variable);

    /// <summary>Writes the name for one choice of values into a buffer that grows as needed.</summary>
    /// <returns>The name's length.</returns>
    internal int Write(ref char[] buffer, ReadOnlySpan<char> prefix, IReadOnlyList<TemplateVariable> variables, ReadOnlySpan<int> values)
    {
        int length = 0;
        Span<char> digits = stackalloc char[11];
        Append(ref buffer, ref length, prefix);
        foreach (TemplatePart part in parts)
        {
            if (part.Literal is { } literal)
            {
                Append(ref buffer, ref length, literal);
            }
            else if (variables[part.Variable].Words is { } words)
            {
                Append(ref buffer, ref length, words[values[part.Variable]]);
            }
            else
            {
                values[part.Variable].TryFormat(digits, out int count, default, CultureInfo.InvariantCulture);
                Append(ref buffer, ref length, digits[..count]);
            }
        }

        return length;
    }

    /// <summary>
    /// Whether a name (without prefix) has this form, whatever the indices' bounds are; if so, the variables' values.
    /// A diagnosis only: it never decides what is loaded.
    /// </summary>
    internal bool TryMatch(ReadOnlySpan<char> name, IReadOnlyList<TemplateVariable> variables, Span<int> values)
    {
        values.Fill(-1);
        return TryMatch(name, 0, variables, values);
    }

    private bool TryMatch(ReadOnlySpan<char> rest, int at, IReadOnlyList<TemplateVariable> variables, Span<int> values)
    {
        if (at == parts.Count)
        {
            return rest.IsEmpty;
        }

        TemplatePart part = parts[at];
        if (part.Literal is { } literal)
        {
            return rest.StartsWith(literal) && TryMatch(rest[literal.Length..], at + 1, variables, values);
        }

        int before = values[part.Variable];
        if (variables[part.Variable].Words is { } words)
        {
            for (int i = 0; i < words.Count; i++)
            {
                if (rest.StartsWith(words[i]) && (before < 0 || before == i))
                {
                    values[part.Variable] = i;
                    if (TryMatch(rest[words[i].Length..], at + 1, variables, values))
                    {
                        return true;
                    }

                    values[part.Variable] = before;
                }
            }

            return false;
        }

        int digits = 0;
        while (digits < rest.Length && digits < MaxIndexDigits && char.IsAsciiDigit(rest[digits]))
        {
            digits++;
        }

        if (digits == 0 || (digits > 1 && rest[0] == '0'))
        {
            return false;
        }

        int value = int.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        if (before >= 0 && before != value)
        {
            return false;
        }

        values[part.Variable] = value;
        return TryMatch(rest[digits..], at + 1, variables, values);
    }

    private static void Append(ref char[] buffer, ref int length, ReadOnlySpan<char> text)
    {
        if (buffer.Length - length < text.Length)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + text.Length));
        }

        text.CopyTo(buffer.AsSpan(length));
        length += text.Length;
    }
}
