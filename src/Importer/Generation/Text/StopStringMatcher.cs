using System.Text;

namespace Importer.Generation;

/// <summary>
/// Finds the first of some strings in a text that comes in pieces, and lets through what certainly belongs to none: where the
/// end of the text might be the beginning of one of them, it is held back until more is known.
/// </summary>
internal sealed class StopStringMatcher
{
    private readonly IReadOnlyList<string> _stops;
    private readonly StringBuilder _held = new();

    /// <param name="stops">The strings, none of them empty.</param>
    public StopStringMatcher(IReadOnlyList<string> stops) => _stops = stops;

    /// <summary>Whether one was found. Nothing more is let through then.</summary>
    public bool IsFound { get; private set; }

    /// <summary>Takes a piece and returns what is certain.</summary>
    public string Append(string piece)
    {
        if (IsFound || piece.Length == 0)
        {
            return "";
        }

        if (_stops.Count == 0)
        {
            return piece;
        }

        string text = _held.Append(piece).ToString();
        _held.Clear();
        int first = _stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(-1).Min();
        if (first >= 0)
        {
            IsFound = true;
            return text[..first];
        }

        int certain = text.Length - _stops.Max(stop => Overlap(text, stop));
        _held.Append(text, certain, text.Length - certain);
        return text[..certain];
    }

    /// <summary>Ends the text and returns what was held back.</summary>
    public string Flush()
    {
        string rest = _held.ToString();
        _held.Clear();
        return rest;
    }

    /// <summary>How many characters at the end of a text a string may begin with.</summary>
    private static int Overlap(string text, string stop)
    {
        for (int length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
