namespace Importer.Extensions.AI.Templates;

/// <summary>
/// A template in the part of Jinja that chat templates are written in: output, if, for, set, expressions, and the functions of
/// <see cref="JinjaFunctions"/>. It reaches nothing but the values it is given, and its work is bounded; what is not supported is
/// refused by name, never passed over.
/// </summary>
internal sealed class JinjaTemplate
{
    private const int MaxDepth = 100, MaxLength = 1 << 20;

    private readonly List<JinjaPart> _parts;
    private readonly Action<JinjaScope> _body;
    private int _next;
    private int _depth;

    private JinjaTemplate(string text)
    {
        // As Jinja does: one kind of line end, and none at the end.
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _parts = JinjaScanner.Split(text.EndsWith('\n') ? text[..^1] : text);
        _body = Body(out string end);
        if (end.Length > 0)
        {
            throw JinjaError.Broken($"'{end}' ends nothing");
        }
    }

    /// <exception cref="ChatTemplateException">The template is broken, or uses what is not supported.</exception>
    public static JinjaTemplate Parse(string text) => text.Length <= MaxLength
        ? new JinjaTemplate(text)
        : throw JinjaError.Broken("it is longer than a megabyte");

    /// <exception cref="ChatTemplateException">The template refuses the values, or uses what is not supported.</exception>
    public string Render(IEnumerable<KeyValuePair<string, object?>> names)
    {
        var scope = new JinjaScope(names);
        _body(scope);
        return scope.Output.ToString();
    }

    /// <summary>Statements up to one that ends a block, which is returned by its first word.</summary>
    private Action<JinjaScope> Body(out string end)
    {
        if (++_depth > MaxDepth)
        {
            throw JinjaError.Broken("blocks are nested too deeply");
        }

        var statements = new List<Action<JinjaScope>>();
        end = "";
        while (end.Length == 0 && _next < _parts.Count)
        {
            var part = _parts[_next++];
            switch (part.Kind)
            {
                case JinjaKind.Text:
                    statements.Add(scope => scope.Write(part.Content));
                    break;
                case JinjaKind.Output:
                    var expressions = new JinjaExpressions(JinjaScanner.Tokens(part.Content));
                    var value = expressions.Parse();
                    expressions.End();
                    statements.Add(scope => scope.Write(JinjaText.Of(scope, value(scope))));
                    break;
                default:
                    end = Statement(part, statements);
                    break;
            }
        }

        _depth--;
        Action<JinjaScope>[] all = [.. statements];
        return scope =>
        {
            foreach (var statement in all)
            {
                scope.Step();
                statement(scope);
            }
        };
    }

    /// <summary>Adds a statement, or returns the word that ends the block around it; its tokens are then read again by who began it.</summary>
    private string Statement(JinjaPart part, List<Action<JinjaScope>> statements)
    {
        var tokens = new JinjaExpressions(JinjaScanner.Tokens(part.Content));
        string word = tokens.Name();
        switch (word)
        {
            case "if":
                statements.Add(If(tokens));
                return "";
            case "for":
                statements.Add(For(tokens));
                return "";
            case "set":
                statements.Add(Set(tokens));
                return "";
            case "generation" or "endgeneration": // transformers' own mark for training; it makes nothing
                tokens.End();
                return "";
            case "elif" or "else" or "endif" or "endfor":
                return word;
            default:
                throw JinjaError.Unsupported($"the statement {word}");
        }
    }

    private Action<JinjaScope> If(JinjaExpressions tokens)
    {
        var branches = new List<(JinjaExpression Condition, Action<JinjaScope> Then)>();
        string end;
        while (true)
        {
            var condition = tokens.Parse();
            tokens.End();
            branches.Add((condition, Body(out end)));
            if (end != "elif")
            {
                break;
            }

            tokens = new JinjaExpressions(JinjaScanner.Tokens(_parts[_next - 1].Content));
            tokens.Name();
        }

        var otherwise = end == "else" ? Body(out end) : null;
        Require(end, "endif");
        return scope =>
        {
            foreach (var (condition, then) in branches)
            {
                scope.Step();
                if (JinjaValue.IsTrue(condition(scope)))
                {
                    then(scope);
                    return;
                }
            }

            otherwise?.Invoke(scope);
        };
    }

    private Action<JinjaScope> For(JinjaExpressions tokens)
    {
        var names = new List<string> { tokens.Name() };
        while (tokens.Accept(","))
        {
            names.Add(tokens.Name());
        }

        tokens.Expect("in");
        var over = tokens.Or();
        var filter = tokens.Accept("if") ? tokens.Parse() : null;
        tokens.End();
        var body = Body(out string end);
        Action<JinjaScope>? empty = null;
        if (end == "else")
        {
            empty = Body(out end);
        }

        Require(end, "endfor");
        return scope =>
        {
            var items = JinjaValue.Items(scope, over(scope));
            if (filter is not null)
            {
                items = items.Where(item =>
                {
                    scope.Step();
                    scope.Push();
                    Bind(scope, names, item);
                    bool keep = JinjaValue.IsTrue(filter(scope));
                    scope.Pop();
                    return keep;
                }).ToList();
            }

            for (int i = 0; i < items.Count; i++)
            {
                scope.Step();
                scope.Push();
                Bind(scope, names, items[i]);
                scope["loop"] = new Dictionary<string, object?>
                {
                    ["index"] = i + 1L,
                    ["index0"] = (long)i,
                    ["first"] = i == 0,
                    ["last"] = i == items.Count - 1,
                    ["length"] = (long)items.Count,
                    ["revindex"] = (long)(items.Count - i),
                    ["revindex0"] = items.Count - i - 1L,
                    ["depth"] = 1L,
                    ["depth0"] = 0L,
                    ["previtem"] = i > 0 ? items[i - 1] : JinjaValue.Undefined,
                    ["nextitem"] = i + 1 < items.Count ? items[i + 1] : JinjaValue.Undefined,
                };
                body(scope);
                scope.Pop();
            }

            if (items.Count == 0)
            {
                empty?.Invoke(scope);
            }
        };
    }

    private static void Bind(JinjaScope scope, List<string> names, object? item)
    {
        if (names is [var single])
        {
            scope[single] = item;
            return;
        }

        var parts = JinjaValue.Items(scope, item);
        if (parts.Count != names.Count)
        {
            throw JinjaError.Fails($"{parts.Count} values stand where {names.Count} were expected");
        }

        for (int i = 0; i < names.Count; i++)
        {
            scope[names[i]] = parts[i];
        }
    }

    private static Action<JinjaScope> Set(JinjaExpressions tokens)
    {
        string name = tokens.Name();
        string? field = tokens.Accept(".") ? tokens.Name() : null;
        if (!tokens.Accept("="))
        {
            throw JinjaError.Unsupported("a set block");
        }

        var value = tokens.Parse();
        tokens.End();
        return field is null
            ? scope => scope[name] = value(scope)
            : scope => (scope[name] as Dictionary<string, object?> ?? throw JinjaError.Fails($"{name} is no namespace"))[field] = value(scope);
    }

    private static void Require(string end, string expected)
    {
        if (end != expected)
        {
            throw JinjaError.Broken(end.Length == 0 ? $"'{expected}' is missing" : $"'{end}' stands where '{expected}' was expected");
        }
    }
}
