using SharedSource.Text;

namespace PyTorchCheckpoints;

/// <summary>Finds the dictionary that is the model's state dict.</summary>
internal static class StateDictSelection
{
    private const int MaxCandidates = 100;
    private const int MaxLooks = 100_000;
    private const int MaxLevels = 3;
    private const int Shown = 10;

    // Where trainers keep it: nanoGPT and minimind, Lightning, many tutorials, DeepSpeed.
    private static readonly string[] UsualKeys = ["model", "state_dict", "model_state_dict", "module"];

    /// <summary>The state dict at the keys; where they are null, the one that there is.</summary>
    public static StateDict Select(CheckpointValue root, string? keys, string? path)
    {
        if (keys is not null)
        {
            return ValuePath.Find(root, keys) is DictionaryValue chosen && IsStateDict(chosen)
                ? new StateDict(keys, chosen, path)
                : throw Error(CheckpointErrorKind.NoStateDict, $"There is no dictionary of tensors at {Escape.Quote(keys)}");
        }

        if (root is not DictionaryValue dictionary)
        {
            throw Error(CheckpointErrorKind.NoStateDict, $"The file holds a value of kind {root.Kind} instead of a dictionary of tensors");
        }

        if (IsStateDict(dictionary))
        {
            return new StateDict("", dictionary, path);
        }

        string[] usual =
        [
            .. UsualKeys.Where(key =>
                dictionary.TryGetValue(key, out CheckpointValue? value) && value is DictionaryValue candidate && IsStateDict(candidate)),
        ];
        return usual switch
        {
            [var only] => new StateDict(only, (DictionaryValue)dictionary[only], path),
            [] => throw Error(CheckpointErrorKind.NoStateDict, "Neither the file's root nor one of the usual keys in it is a dictionary of tensors"),
            _ => throw Error(CheckpointErrorKind.AmbiguousStateDict, "The file holds several dictionaries of tensors"),
        };

        StateDictException Error(CheckpointErrorKind kind, string problem)
        {
            IReadOnlyList<string> found = FindAll(root);
            string list = string.Join(", ", found.Take(Shown).Select(Escape.Quote)) + (found.Count > Shown ? ", …" : "");
            return found.Count == 0
                ? new StateDictException(kind, $"{problem}, and there is none elsewhere in it", "In Python, save model.state_dict().", path, found)
                : new StateDictException(
                    kind, $"{problem}. There are: {list}",
                    $"Choose one with {nameof(CheckpointReadOptions)}.{nameof(CheckpointReadOptions.StateDict)}.", path, found);
        }
    }

    /// <summary>All dictionaries of tensors, by the keys that lead to them.</summary>
    public static IReadOnlyList<string> FindAll(CheckpointValue root)
    {
        List<string> found = [];
        Queue<(CheckpointValue Value, string Keys, int Level)> waiting = new([(root, "", 0)]);
        for (int looks = 0; looks < MaxLooks && found.Count < MaxCandidates && waiting.TryDequeue(out var next); looks++)
        {
            if (next.Value is not DictionaryValue dictionary)
            {
                continue;
            }

            if (IsStateDict(dictionary))
            {
                found.Add(next.Keys);
            }
            else if (next.Level < MaxLevels)
            {
                foreach ((CheckpointValue key, CheckpointValue value) in dictionary)
                {
                    // A key with a slash cannot be told from two keys.
                    if (value is DictionaryValue && key is TextValue { Value: var text }
                        && !text.Contains('/', StringComparison.Ordinal) && waiting.Count < MaxLooks)
                    {
                        waiting.Enqueue((value, next.Keys.Length == 0 ? text : $"{next.Keys}/{text}", next.Level + 1));
                    }
                }
            }
        }

        return found;
    }

    // A module may add a state of its own to its tensors; get_extra_state may return anything.
    private static bool IsStateDict(DictionaryValue dictionary)
    {
        bool any = false;
        foreach ((CheckpointValue key, CheckpointValue value) in dictionary)
        {
            if (key is not TextValue { Value: var name } || (value is not PyTorchTensor && !name.EndsWith("_extra_state", StringComparison.Ordinal)))
            {
                return false;
            }

            any |= value is PyTorchTensor;
        }

        return any;
    }
}
