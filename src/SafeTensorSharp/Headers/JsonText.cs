using System.Text.Json;

namespace SafeTensorSharp;

/// <summary>Reads strings and integers from a header as the format defines them, which is narrower than JSON.</summary>
internal static class JsonText
{
    /// <summary>The current string or property name, unescaped.</summary>
    public static string Text(this ref Utf8JsonReader json, HeaderErrors errors, string? tensorName)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // The bytes are valid UTF-8, so only an escape can be wrong.
            throw errors.At(
                SafeTensorErrorKind.InvalidHeader, json.TokenStartIndex, "A string has an escape that is half of a surrogate pair",
                tensorName, inner: e);
        }
    }

    /// <summary>
    /// Reads an integer from 0 to 2^64-1 in plain digits. JSON itself takes <c>1.0</c>, <c>1e3</c> and <c>-0</c> as numbers too.
    /// </summary>
    public static bool TryGetPlainInteger(this ref Utf8JsonReader json, out ulong value)
    {
        value = 0;
        if (json.TokenType != JsonTokenType.Number)
        {
            return false;
        }

        foreach (byte c in json.ValueSpan)
        {
            uint digit = (uint)c - '0';
            if (digit > 9 || value > ulong.MaxValue / 10 || (value == ulong.MaxValue / 10 && digit > ulong.MaxValue % 10))
            {
                return false;
            }

            value = (value * 10) + digit;
        }

        return true;
    }
}
