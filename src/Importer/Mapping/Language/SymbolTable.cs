namespace Importer.Mapping.Language;

/// <summary>The symbols that a table's "config" section defines; every reference resolves and none goes in a circle.</summary>
internal sealed class SymbolTable(IReadOnlyList<(string Name, Expression Definition)> symbols)
{
    private readonly Dictionary<string, Expression> _definitions =
        symbols.ToDictionary(symbol => symbol.Name, symbol => symbol.Definition, StringComparer.Ordinal);

    /// <summary>In the order in which the table defines them.</summary>
    internal IReadOnlyList<(string Name, Expression Definition)> All => symbols;

    internal Expression this[string name] => _definitions[name];

    internal bool Contains(string name) => _definitions.ContainsKey(name);

    /// <summary>The configuration keys that an expression depends on, directly or through symbols, in order of mention.</summary>
    internal IReadOnlyList<string> Keys(Expression expression)
    {
        List<string> keys = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        Collect(expression);
        return keys;

        void Collect(Expression inner)
        {
            foreach (Expression part in inner.Parts())
            {
                if (part.Kind is ExpressionKind.Key or ExpressionKind.Symbol && seen.Add(part.Name))
                {
                    if (part.Kind == ExpressionKind.Key)
                    {
                        keys.Add(part.Name);
                    }
                    else
                    {
                        Collect(_definitions[part.Name]);
                    }
                }
            }
        }
    }
}
