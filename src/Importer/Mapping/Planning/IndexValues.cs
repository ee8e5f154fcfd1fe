namespace Importer.Mapping.Planning;

/// <summary>Which values of an index occur in a checkpoint's names.</summary>
internal sealed class IndexValues
{
    private const int MaxValues = 100_000;

    private readonly Dictionary<int, (int Names, string Example)> _values = [];

    /// <summary>
    /// How many blocks there are: the values 0, 1, 2 … that have at least half as many names as the fullest; null where values are
    /// left out between them, which is no other count but a gap.
    /// </summary>
    internal int? Count
    {
        get
        {
            int enough = (_values.Values.Max(value => value.Names) + 1) / 2;
            int[] full = [.. _values.Where(value => value.Value.Names >= enough).Select(value => value.Key)];
            return full.Max() + 1 == full.Length ? full.Length : null;
        }
    }

    /// <summary>A name of the last block that is counted.</summary>
    internal string Last => _values[Count!.Value - 1].Example;

    internal void Add(int value, string name)
    {
        if (_values.TryGetValue(value, out (int Names, string Example) seen))
        {
            _values[value] = (seen.Names + 1, seen.Example);
        }
        else if (_values.Count < MaxValues)
        {
            _values.Add(value, (1, name));
        }
    }
}
