namespace Importer.Extensions.AI.Templates;

/// <content>What stands behind a value: fields, methods, subscripts, filters and tests.</content>
internal sealed partial class JinjaExpressions
{
    private JinjaExpression Postfix(JinjaExpression value)
    {
        while (true)
        {
            var target = value;
            if (Accept("."))
            {
                string name = Name();
                if (Accept("("))
                {
                    var (args, named) = Arguments();
                    if (named.Count > 0)
                    {
                        throw JinjaError.Unsupported($"the method {name} with named arguments");
                    }

                    value = scope =>
                    {
                        object? of = target(scope);
                        scope.StepOver(of);
                        return scope.Made(JinjaFunctions.Method(scope, of, name, Values(args, scope)));
                    };
                }
                else
                {
                    value = scope => JinjaValue.Get(scope, target(scope), name);
                }
            }
            else if (Accept("["))
            {
                value = Subscript(target);
            }
            else if (Accept("|"))
            {
                string name = Name();
                var (args, named) = Accept("(") ? Arguments() : ([], []);
                value = scope =>
                {
                    object? of = target(scope);
                    scope.StepOver(of);
                    return scope.Made(JinjaFunctions.Filter(scope, of, name, Values(args, scope), Values(named, scope)));
                };
            }
            else if (Accept("is"))
            {
                bool negated = Accept("not");
                string name = Name();
                value = scope => JinjaFunctions.Test(target(scope), name) != negated;
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaExpression Subscript(JinjaExpression target)
    {
        JinjaExpression? start = Is(":") ? null : Parse(), stop = null, step = null;
        if (Accept("]"))
        {
            return scope => JinjaValue.Get(scope, target(scope), start!(scope));
        }

        Expect(":");
        stop = Is(":") || Is("]") ? null : Parse();
        step = Accept(":") && !Is("]") ? Parse() : null;
        Expect("]");
        return scope => JinjaValue.Slice(scope, target(scope), Bound(start, scope), Bound(stop, scope), Bound(step, scope) ?? 1);

        static long? Bound(JinjaExpression? bound, JinjaScope scope) => bound?.Invoke(scope) is { } value ? JinjaValue.Whole(value) : null;
    }

    private (List<JinjaExpression> Args, List<KeyValuePair<string, JinjaExpression>> Named) Arguments()
    {
        var args = new List<JinjaExpression>();
        var named = new List<KeyValuePair<string, JinjaExpression>>();
        while (!Accept(")"))
        {
            if (Current.Kind == JinjaTokenKind.Name && IsFollowedBy(JinjaTokenKind.Sign, "="))
            {
                string name = Name();
                Expect("=");
                if (named.Any(pair => pair.Key == name))
                {
                    throw JinjaError.Broken($"the argument {name} is there twice");
                }

                named.Add(new(name, Parse()));
            }
            else
            {
                args.Add(Parse());
            }

            if (!Accept(","))
            {
                Expect(")");
                break;
            }
        }

        return (args, named);
    }

    private static object?[] Values(List<JinjaExpression> args, JinjaScope scope) => [.. args.Select(arg => arg(scope))];

    private static Dictionary<string, object?> Values(List<KeyValuePair<string, JinjaExpression>> named, JinjaScope scope) =>
        new(named.Select(pair => KeyValuePair.Create(pair.Key, pair.Value(scope))));
}
