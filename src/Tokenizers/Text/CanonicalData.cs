using System.Collections.Frozen;
using System.Globalization;

namespace PretrainedTokenizers;

/// <summary>
/// Unicode's canonical decompositions and combining classes, read from the embedded <c>Canonical.txt</c> when they are first needed.
/// </summary>
internal sealed class CanonicalData
{
    private readonly byte[] _bmpClasses = new byte[char.MaxValue + 1];
    private readonly FrozenDictionary<int, byte> _otherClasses;
    private readonly FrozenDictionary<int, int[]> _decompositions;
    private readonly FrozenDictionary<long, int> _compositions;
    private readonly bool[] _reactive = new bool[char.MaxValue + 1];

    private CanonicalData()
    {
        Dictionary<int, byte> classes = [];
        Dictionary<int, int[]> decompositions = [];
        Dictionary<long, int> compositions = [];
        using Stream stream = typeof(CanonicalData).Assembly.GetManifestResourceStream("Canonical.txt")!;
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '#')
            {
                continue;
            }

            string[] parts = line.Split(' ');
            if (parts.Length == 2)
            {
                int dots = parts[0].IndexOf("..", StringComparison.Ordinal);
                for (int c = Hex(parts[0][..dots]); c <= Hex(parts[0][(dots + 2)..]); c++)
                {
                    byte value = byte.Parse(parts[1], CultureInfo.InvariantCulture);
                    if (c <= char.MaxValue)
                    {
                        _bmpClasses[c] = value;
                    }
                    else
                    {
                        classes.Add(c, value);
                    }
                }

                continue;
            }

            int composed = Hex(parts[0]);
            int[] decomposition = [.. parts[2..].Select(Hex)];
            decompositions.Add(composed, decomposition);
            if (parts[1] == "=")
            {
                compositions.Add(Pair(decomposition[0], decomposition[1]), composed);
            }
        }

        _otherClasses = classes.ToFrozenDictionary();
        _decompositions = decompositions.ToFrozenDictionary();
        _compositions = compositions.ToFrozenDictionary();
        HashSet<int> composedBackwards = [.. compositions.Keys.Select(pair => (int)(pair & 0x1FFFFF))];
        for (int c = 0; c < _reactive.Length; c++)
        {
            _reactive[c] = IsReactive((char)c, composedBackwards);
        }
    }

    public static CanonicalData Instance { get; } = new();

    /// <summary>The canonical combining class.</summary>
    public byte ClassOf(int codePoint) =>
        codePoint <= char.MaxValue ? _bmpClasses[codePoint] : _otherClasses.GetValueOrDefault(codePoint);

    /// <summary>One step of a decomposition, except Hangul's; null where there is none.</summary>
    public int[]? Decomposition(int codePoint) => _decompositions.GetValueOrDefault(codePoint);

    /// <summary>What two code points compose to, except Hangul; -1 for nothing.</summary>
    public int Composition(int first, int second) => _compositions.GetValueOrDefault(Pair(first, second), -1);

    /// <summary>
    /// Whether a unit of the Basic Multilingual Plane stands in normalized text wherever it stands in text, and ends what came before it.
    /// </summary>
    public bool IsInert(char c) => !_reactive[c];

    private bool IsReactive(char c, HashSet<int> composedBackwards) =>
        char.IsSurrogate(c) || ClassOf(c) != 0 || composedBackwards.Contains(c)
        // Hangul's vowels and trailing consonants, composed with what is before them.
        || c is >= '\u1161' and <= '\u1175' or >= '\u11A8' and <= '\u11C2'
        || (Decomposition(c) is { } parts && !(parts is [var first, var second] && Composition(first, second) == c));

    private static long Pair(int first, int second) => (long)first << 21 | (uint)second;

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
