using System.Globalization;

namespace PyTorchCheckpoints;

/// <summary>Keys joined by <c>/</c>.</summary>
internal static class ValuePath
{
    public static CheckpointValue? Find(CheckpointValue root, string keys)
    {
        CheckpointValue? value = root;
        foreach (string key in keys.Length == 0 ? [] : keys.Split('/'))
        {
            value = Step(value, key);
            if (value is null)
            {
                break;
            }
        }

        return value;
    }

    private static CheckpointValue? Step(CheckpointValue value, string key)
    {
        bool isNumber = long.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        return value switch
        {
            DictionaryValue dictionary when dictionary.TryGetValue(key, out CheckpointValue? item) => item,
            DictionaryValue dictionary when isNumber && dictionary.TryGetValue(number, out CheckpointValue? item) => item,
            SequenceValue sequence when isNumber && number >= 0 && number < sequence.Count => sequence[(int)number],
            _ => null,
        };
    }
}
