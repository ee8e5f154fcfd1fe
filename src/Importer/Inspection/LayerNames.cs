namespace Importer.Inspection;

/// <summary>Which layer a tensor belongs to, by its name, and the order in which people expect layers.</summary>
internal static class LayerNames
{
    /// <summary>The name up to its first number, or without its last part, or all of it where it has only one.</summary>
    public static string Of(string name)
    {
        string[] parts = name.Split('.');
        int number = Array.FindIndex(parts, part => part.Length > 0 && part.All(char.IsAsciiDigit));
        int taken = number >= 0 ? number + 1 : Math.Max(1, parts.Length - 1);
        return string.Join('.', parts.Take(taken));
    }

    /// <summary>Compares by parts, numbers as numbers: h.2 comes before h.10.</summary>
    public static int Compare(string a, string b)
    {
        string[] first = a.Split('.'), second = b.Split('.');
        for (int i = 0; i < Math.Min(first.Length, second.Length); i++)
        {
            int order = IsNumber(first[i]) && IsNumber(second[i]) && first[i].Length != second[i].Length
                ? first[i].Length.CompareTo(second[i].Length)
                : string.CompareOrdinal(first[i], second[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return first.Length.CompareTo(second.Length);
    }

    private static bool IsNumber(string part) => part.Length > 0 && part.All(char.IsAsciiDigit);
}
