using System.Text.Json;

namespace Importer.Mapping.Language;

/// <summary>An object of a table under the eyes of a strict reader: every property is known, has its type, and is read once.</summary>
internal sealed class TableObject
{
    private readonly TableText _text;
    private readonly Dictionary<string, JsonItem> _members = new(StringComparer.Ordinal);

    /// <summary>Reports what is not an object and the properties that are not among <paramref name="known"/>.</summary>
    internal TableObject(TableText text, JsonItem item, string path, IReadOnlyList<string> known)
    {
        _text = text;
        Item = item;
        Path = path;
        if (item.Kind != JsonValueKind.Object)
        {
            text.Report(item.Offset, path, $"an object should be here, not {item.Description}");
            return;
        }

        foreach ((string name, int offset, JsonItem value) in item.Members)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                text.Report(offset, path, $"unknown property {NameText.Quote(name)}; known are {string.Join(", ", known)}");
            }

            _members.TryAdd(name, value);
        }
    }

    internal JsonItem Item { get; }

    internal string Path { get; }

    internal JsonItem? Find(string name) => _members.GetValueOrDefault(name);

    internal string Join(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>The text of a string; null where it is missing or something else, which is then reported.</summary>
    internal string? Text(string name, bool required)
    {
        JsonItem? item = Find(name);
        if (item is null)
        {
            if (required)
            {
                _text.Report(Item.Offset, Path, $"the property \"{name}\" is missing");
            }

            return null;
        }

        return StringOf(item, Join(name));
    }

    internal bool Flag(string name)
    {
        JsonItem? item = Find(name);
        if (item is not null && item.Kind is not (JsonValueKind.True or JsonValueKind.False))
        {
            _text.Report(item.Offset, Join(name), $"true or false should be here, not {item.Description}");
        }

        return item?.Kind == JsonValueKind.True;
    }

    /// <summary>The strings of a list with their items; empty where it is missing or something else.</summary>
    internal IReadOnlyList<(string Text, JsonItem Item)> Texts(string name)
    {
        List<(string, JsonItem)> texts = [];
        foreach ((JsonItem item, string path) in Items(name))
        {
            if (StringOf(item, path) is { } text)
            {
                texts.Add((text, item));
            }
        }

        return texts;
    }

    /// <summary>The items of a list with their paths; empty where it is missing or something else.</summary>
    internal IEnumerable<(JsonItem Item, string Path)> Items(string name)
    {
        JsonItem? list = Find(name);
        if (list is null)
        {
            return [];
        }

        if (list.Kind == JsonValueKind.Array)
        {
            return list.Items.Select((item, i) => (item, $"{Join(name)}[{i}]"));
        }

        _text.Report(list.Offset, Join(name), $"a list should be here, not {list.Description}");
        return [];
    }

    /// <summary>The members of an object whose names are free; empty where it is missing or something else.</summary>
    internal IEnumerable<(string Name, JsonItem Value, string Path)> Members(string name)
    {
        JsonItem? item = Find(name);
        if (item is null)
        {
            return [];
        }

        if (item.Kind == JsonValueKind.Object)
        {
            return item.Members.Select(member => (member.Name, member.Value, $"{Join(name)}.{NameText.Plain(member.Name)}"));
        }

        _text.Report(item.Offset, Join(name), $"an object should be here, not {item.Description}");
        return [];
    }

    internal string? StringOf(JsonItem item, string path)
    {
        if (item.Kind == JsonValueKind.String)
        {
            return item.Text;
        }

        _text.Report(item.Offset, path, $"a string should be here, not {item.Description}");
        return null;
    }

    /// <summary>What a parser makes of a text; null where it throws, which is then reported with the text's place.</summary>
    internal T? Parse<T>(JsonItem item, string path, Func<string, T> parser)
        where T : class
    {
        if (StringOf(item, path) is not { } text)
        {
            return null;
        }

        return Try(item, path, () => parser(text));
    }

    /// <summary>What a parser makes of an item; null where it throws, which is then reported with the item's place.</summary>
    internal T? Try<T>(JsonItem item, string path, Func<T> parser)
        where T : class
    {
        try
        {
            return parser();
        }
        catch (ExpressionSyntaxException exception)
        {
            _text.Report(item.Offset, path, exception.Message);
            return null;
        }
    }

    /// <summary>As the other, for a property that may be missing.</summary>
    internal T? Parse<T>(string name, Func<string, T> parser)
        where T : class => Find(name) is { } item ? Parse(item, Join(name), parser) : null;
}
