namespace Importer.Training.Data;

/// <summary>Characters as Python counts them.</summary>
internal static class CodePoints
{
    /// <summary>How many begin in valid UTF-16, or a part of it.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (char c in text)
        {
            count += char.IsLowSurrogate(c) ? 0 : 1;
        }

        return count;
    }
}
