using System.Globalization;
using System.Text;

namespace Importer.Training.Data;

/// <summary>The escapes of a JSON string whose surrogates may lack their partners.</summary>
internal static class EscapedText
{
    /// <summary>The text, with U+FFFD for what is no Unicode. The escapes themselves were checked by the JSON reader.</summary>
    public static string Lenient(ReadOnlySpan<byte> escaped)
    {
        string raw = Encoding.UTF8.GetString(escaped);
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            if (raw[i] == 'u')
            {
                text.Append((char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                text.Append(raw[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var c => c });
            }
        }

        var valid = new StringBuilder(text.Length);
        foreach (var rune in text.ToString().EnumerateRunes())
        {
            valid.Append(rune.ToString());
        }

        return valid.ToString();
    }
}
