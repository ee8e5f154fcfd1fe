using Importer.Mapping.Problems;
using Importer.Sources;

namespace Importer.Mapping.Planning;

/// <summary>The tensors of a checkpoint by name, and which rule has claimed each.</summary>
internal sealed class SourceNames
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _places;
    private readonly RuleLocation?[] _claims;

    internal SourceNames(IReadOnlyList<SourceTensor> tensors, ProblemList problems)
    {
        Tensors = tensors;
        _claims = new RuleLocation?[tensors.Count];
        Dictionary<string, int> places = new(tensors.Count, StringComparer.Ordinal);
        for (int i = 0; i < tensors.Count; i++)
        {
            SourceTensor tensor = tensors[i] ?? throw new ArgumentException($"The tensor at {i} is null.", nameof(tensors));
            if (!places.TryAdd(tensor.Name, i))
            {
                problems.Add(new DuplicateSource(tensor.Name, [tensors[places[tensor.Name]].File, tensor.File]));
                _claims[i] = default(RuleLocation);
            }
        }

        _places = places.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    internal IReadOnlyList<SourceTensor> Tensors { get; }

    /// <summary>The tensors that no rule has claimed.</summary>
    internal List<SourceTensor> Unclaimed()
    {
        List<SourceTensor> unclaimed = [];
        for (int i = 0; i < Tensors.Count; i++)
        {
            if (_claims[i] is null)
            {
                unclaimed.Add(Tensors[i]);
            }
        }

        return unclaimed;
    }

    internal bool Contains(ReadOnlySpan<char> name) => _places.ContainsKey(name);

    /// <summary>The tensor of this name for a rule that is the first to want it; two claims are a problem.</summary>
    internal SourceTensor? Claim(ReadOnlySpan<char> name, RuleLocation rule, ProblemList problems)
    {
        if (!_places.TryGetValue(name, out int place))
        {
            return null;
        }

        if (_claims[place] is { } first)
        {
            problems.Add(new DuplicateSource(Tensors[place].Name, [first.ToString(), rule.ToString()]));
        }

        _claims[place] = rule;
        return Tensors[place];
    }
}
