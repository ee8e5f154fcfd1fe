using System.Text.Json;
using Importer.Mapping.Problems;

namespace Importer.Mapping.Language;

/// <summary>Parses a table strictly: what is unknown, missing, of another type or unresolved is reported, all of it at once.</summary>
internal sealed class TableParser
{
    private const int MaxRules = 1000;
    private const int MaxSymbols = 100;

    private readonly TableText _text;
    private readonly List<TableProblem> _problems;

    private TableParser(TableText text, List<TableProblem> problems)
    {
        _text = text;
        _problems = problems;
    }

    /// <summary>The table, or null after having added to <paramref name="problems"/> why there is none.</summary>
    internal static MappingTable? Parse(TableText text, List<TableProblem> problems) =>
        text.Read() is { } root ? new TableParser(text, problems).Parse(root) : null;

    private MappingTable? Parse(JsonItem root)
    {
        TableObject table = new(_text, root, "", TableProperties.Table);
        if (root.Kind != JsonValueKind.Object)
        {
            return null;
        }

        if (table.Text("schema", required: true) is { } schema && schema != WeightMapping.Schema)
        {
            Report(table.Find("schema")!, "schema", $"{NameText.Quote(schema)} is another language than \"{WeightMapping.Schema}\"");
            return null;
        }

        _ = table.Text("$schema", required: false);
        string? family = table.Text("family", required: true);
        if (family is not null && !IsFamilyName(family))
        {
            Report(table.Find("family")!, "family", "a family's name has small letters, digits, '-', '_' and '.'");
        }

        string? version = table.Text("version", required: true);
        if (version is not null && !IsVersion(version))
        {
            Report(table.Find("version")!, "version", "a table's version is numbers with dots between them, such as \"1.0\"");
        }

        SymbolTable symbols = ParseSymbols(table);
        Dictionary<string, TemplateVariable> variables = ParseVariables(table);
        RuleParser rules = new(_text, variables);
        MappingTable result = new()
        {
            Family = family ?? "",
            Version = version ?? "",
            Title = table.Text("title", required: false),
            Detection = ParseDetection(table),
            Symbols = symbols,
            NamedVariables = [.. variables.Values],
            Wrappers = ParsePrefixes(table, "wrapper"),
            Prefixes = ParsePrefixes(table, "prefix"),
            Maps = ParseRules(table, "map", rules.Map),
            Ties = ParseRules(table, "tie", rules.Tie),
            Drops = ParseRules(table, "drop", rules.Drop),
        };
        if (table.Find("map") is null)
        {
            _text.Report(root.Offset, "", "the property \"map\" is missing");
        }

        return _problems.Count == 0 && References.AllResolve(result, _text) ? result : null;
    }

    private static bool IsFamilyName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');

    private static bool IsVersion(string version) =>
        version.Length <= 32 && version.Split('.').All(part => part.Length > 0 && part.All(char.IsAsciiDigit));

    private SymbolTable ParseSymbols(TableObject table)
    {
        List<(string Name, Expression Definition)> symbols = [];
        HashSet<string> defined = new(StringComparer.Ordinal);
        foreach ((string name, JsonItem value, string path) in table.Members("config"))
        {
            if (name.Length is 0 or > 32 || !char.IsAsciiLetterUpper(name[0]) || !name.All(char.IsAsciiLetterOrDigit))
            {
                Report(value, path, "a symbol begins with a capital and has letters and digits");
                continue;
            }

            _text.Mark($"config.{name}", value);
            if (table.Parse(value, path, ExpressionParser.Parse) is { } definition)
            {
                // A symbol may use those above it only; so none can go in a circle.
                References.Resolve(definition, defined.Contains, reason => Report(value, path, reason));
                symbols.Add((name, definition));
            }

            defined.Add(name);
        }

        if (symbols.Count > MaxSymbols)
        {
            _text.Report(table.Item.Offset, "config", $"a table has at most {MaxSymbols} symbols");
        }

        return new SymbolTable([.. symbols.DistinctBy(symbol => symbol.Name)]);
    }

    private Dictionary<string, TemplateVariable> ParseVariables(TableObject table)
    {
        Dictionary<string, TemplateVariable> variables = new(StringComparer.Ordinal);
        foreach ((string name, JsonItem value, string path) in table.Members("index"))
        {
            if (table.Parse(value, path, ExpressionParser.ParseDimension) is { } bound)
            {
                Add(name, value, path, TemplateVariable.Index(name, bound));
            }
        }

        foreach ((string name, JsonItem value, string path) in table.Members("set"))
        {
            if (value.Kind != JsonValueKind.Array || value.Items.Any(item => item.Kind != JsonValueKind.String))
            {
                Report(value, path, "a set is a list of strings");
                continue;
            }

            try
            {
                Add(name, value, path, TemplateVariable.Set(name, TemplateParser.ParseWords([.. value.Items.Select(item => item.Text)])));
            }
            catch (ExpressionSyntaxException exception)
            {
                Report(value, path, exception.Message);
            }
        }

        return variables;

        void Add(string name, JsonItem value, string path, TemplateVariable variable)
        {
            _text.Mark(path, value);
            if (!TemplateParser.IsVariableName(name))
            {
                Report(value, path, "a variable begins with a small letter and has letters, digits and '_'");
            }
            else if (!variables.TryAdd(name, variable))
            {
                Report(value, path, $"{{{name}}} is both an index and a set");
            }
        }
    }

    private DetectionRule ParseDetection(TableObject table)
    {
        if (table.Find("detect") is not { } item)
        {
            _text.Report(table.Item.Offset, "", "the property \"detect\" is missing");
            return new DetectionRule([], []);
        }

        _text.Mark("detect", item);
        TableObject detect = new(_text, item, "detect", TableProperties.Detect);
        List<Template> keys = [];
        foreach ((JsonItem key, string path) in detect.Items("has"))
        {
            if (detect.Parse(key, path, name => TemplateParser.ParseName(name, mayBeAbsolute: true)) is { } template)
            {
                keys.Add(template);
            }
        }

        if (keys.Count == 0)
        {
            Report(item, "detect", "\"has\" names at least one key by which the family is recognised");
        }

        return new DetectionRule([.. detect.Texts("model_type").Select(type => type.Text)], keys);
    }

    private IReadOnlyList<string> ParsePrefixes(TableObject table, string property)
    {
        const int MaxPrefixes = 32;
        IReadOnlyList<(string Text, JsonItem Item)> prefixes = table.Texts(property);
        if (table.Find(property) is { } list)
        {
            _text.Mark(property, list);
            if (list is { Kind: JsonValueKind.Array, Items.Count: 0 })
            {
                Report(list, property, "a list of prefixes has at least one; none at all is \"\"");
            }
        }

        if (prefixes.Count > MaxPrefixes || prefixes.DistinctBy(prefix => prefix.Text, StringComparer.Ordinal).Count() < prefixes.Count)
        {
            Report(table.Find(property)!, property, $"there are at most {MaxPrefixes} prefixes, each once");
        }

        foreach ((string text, JsonItem item) in prefixes)
        {
            if (text.Length > 0 && (text.Length > 128 || text[^1] != '.' || text.AsSpan().ContainsAny('{', '}', '^')))
            {
                Report(item, property, "a prefix is empty, or ends with a dot and has no variables");
            }
        }

        return prefixes.Count == 0 ? [""] : [.. prefixes.Select(prefix => prefix.Text)];
    }

    private List<T> ParseRules<T>(TableObject table, string property, Func<JsonItem, string, int, T?> parse)
        where T : class
    {
        List<T> rules = [];
        int index = 0;
        foreach ((JsonItem item, string path) in table.Items(property))
        {
            if (index == MaxRules)
            {
                Report(item, path, $"a section has at most {MaxRules} rules");
                break;
            }

            if (parse(item, path, index++) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return rules;
    }

    private void Report(JsonItem item, string path, string reason) => _text.Report(item.Offset, path, reason);
}
