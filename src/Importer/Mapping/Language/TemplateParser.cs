namespace Importer.Mapping.Language;

/// <summary>Parses the templates of one rule; the source's variables are the ones that its target may use.</summary>
internal sealed class TemplateParser(IReadOnlyDictionary<string, TemplateVariable> known)
{
    private const int MaxLength = 512;

    private readonly List<TemplateVariable> _variables = [];

    /// <summary>The variables of the templates parsed so far.</summary>
    internal IReadOnlyList<TemplateVariable> Variables => _variables;

    /// <summary>Parses a source: it introduces variables.</summary>
    /// <exception cref="ExpressionSyntaxException">The text is not a template.</exception>
    internal Template ParseSource(string text)
    {
        bool absolute = text.StartsWith('^');
        return Parse(text, absolute ? text[1..] : text, absolute, mayIntroduce: true);
    }

    /// <summary>Parses a target: its variables must be the source's, each of them, or names would collide.</summary>
    /// <param name="text">The target.</param>
    /// <param name="family">
    /// The variable over which tensors are stacked, which only the source has, or unstacked, which only the target has; null for none.
    /// </param>
    /// <exception cref="ExpressionSyntaxException">The text is not a template, or not one for this source.</exception>
    internal Template ParseTarget(string text, string? family = null)
    {
        int introduced = _variables.FindIndex(variable => variable.Name == family);
        if (family is not null && introduced < 0 && known.TryGetValue(family, out TemplateVariable? counted))
        {
            _variables.Add(counted);
        }

        Template template = Parse(text, text, absolute: false, mayIntroduce: false);
        for (int i = 0; i < _variables.Count; i++)
        {
            bool isFamily = _variables[i].Name == family;
            if (isFamily && introduced >= 0 && template.Uses(i))
            {
                throw new ExpressionSyntaxException($"{{{family}}} is stacked, so the target has it no more");
            }

            if (!(isFamily && introduced >= 0) && !template.Uses(i) && _variables[i].Words is not [_])
            {
                throw new ExpressionSyntaxException(isFamily
                    ? $"{{{family}}} is unstacked, so the target must have it"
                    : $"the source's {{{_variables[i].Name}}} is missing, so several tensors would go to one parameter");
            }
        }

        return template;
    }

    /// <summary>Parses a name without variables.</summary>
    /// <exception cref="ExpressionSyntaxException">The text is not a plain name.</exception>
    internal static Template ParseName(string text, bool mayBeAbsolute)
    {
        TemplateParser parser = new(new Dictionary<string, TemplateVariable>());
        Template template = mayBeAbsolute ? parser.ParseSource(text) : parser.ParseTarget(text);
        return template;
    }

    private Template Parse(string text, string name, bool absolute, bool mayIntroduce)
    {
        if (name.Length is 0 or > MaxLength)
        {
            throw new ExpressionSyntaxException($"a name has 1 to {MaxLength} characters");
        }

        List<TemplatePart> parts = [];
        int at = 0;
        while (at < name.Length)
        {
            int open = name.IndexOfAny(['{', '}'], at);
            if (open != at)
            {
                parts.Add(TemplatePart.Text(name[at..(open < 0 ? name.Length : open)]));
                at = open < 0 ? name.Length : open;
                continue;
            }

            int close = name.IndexOf('}', at + 1);
            if (name[at] == '}' || close < 0)
            {
                throw new ExpressionSyntaxException($"the brace at character {at + 1} has no partner");
            }

            if (parts.Count > 0 && parts[^1].Literal is null)
            {
                throw new ExpressionSyntaxException(
                    $"there must be text between the variables at character {at + 1}; without it a name could be read in two ways");
            }

            parts.Add(TemplatePart.Of(Variable(name[(at + 1)..close], mayIntroduce)));
            at = close + 1;
        }

        return new Template(text, absolute, parts);
    }

    private int Variable(string inside, bool mayIntroduce)
    {
        int colon = inside.IndexOf(':');
        string name = colon < 0 ? inside : inside[..colon];
        if (!IsVariableName(name))
        {
            throw new ExpressionSyntaxException(
                $"{{{NameText.Plain(inside)}}} is no variable; its name begins with a small letter and has letters, digits and '_'");
        }

        int at = _variables.FindIndex(variable => variable.Name == name);
        if (colon >= 0)
        {
            if (at >= 0 || known.ContainsKey(name) || !mayIntroduce)
            {
                throw new ExpressionSyntaxException(
                    mayIntroduce ? $"{{{name}}} has a meaning already"
                        : $"the set of {{{name}}} belongs in the source; write {{{name}}} here");
            }

            _variables.Add(TemplateVariable.Set(name, ParseWords(inside[(colon + 1)..].Split(','))));
            return _variables.Count - 1;
        }

        if (at >= 0)
        {
            return at;
        }

        if (!mayIntroduce || !known.TryGetValue(name, out TemplateVariable? variable))
        {
            throw new ExpressionSyntaxException(mayIntroduce
                ? $"{{{name}}} is neither in \"index\" nor in \"set\", nor a set written here as {{{name}:a,b}}"
                : $"{{{name}}} is not in the source");
        }

        _variables.Add(variable);
        return _variables.Count - 1;
    }

    internal static bool IsVariableName(string name) =>
        name.Length is > 0 and <= 32 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <exception cref="ExpressionSyntaxException">These are no words for a set.</exception>
    internal static IReadOnlyList<string> ParseWords(IReadOnlyList<string> words)
    {
        foreach (string word in words)
        {
            if (word.Length is 0 or > 64 || !word.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                throw new ExpressionSyntaxException($"{NameText.Quote(word)} is no word of letters, digits and '_'");
            }
        }

        return words.Distinct(StringComparer.Ordinal).Count() == words.Count && words.Count is > 0 and <= 256
            ? words
            : throw new ExpressionSyntaxException("a set has 1 to 256 words, each once");
    }
}
