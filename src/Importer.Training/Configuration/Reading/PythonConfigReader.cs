using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Importer.Training;

/// <summary>
/// Reads nanoGPT's configuration files as far as they are data: assignments of literals, and products of whole numbers. Nothing is run:
/// imports are passed over, and any other expression is an error unless its setting means nothing here.
/// </summary>
internal static partial class PythonConfigReader
{
    /// <summary>Reads the settings in order.</summary>
    /// <param name="file">The name for messages.</param>
    /// <param name="content">The file.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static IReadOnlyList<RawSetting> Read(string file, ReadOnlySpan<byte> content, List<ConfigurationProblem> problems)
    {
        var settings = new List<RawSetting>();
        string[] lines = Encoding.UTF8.GetString(content).TrimStart('\uFEFF').Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd();
            if (line.Length == 0 || line.TrimStart().StartsWith('#') || Import().IsMatch(line))
            {
                continue;
            }

            string where = TextPosition.Of(file, i + 1, 1);
            var match = Assignment().Match(line);
            string name = match.Groups["name"].Value;
            if (match.Success && Value(match.Groups["value"].Value) is { } value)
            {
                bool isLiteral = value is ("True" or "False" or "None") && !Quoted().IsMatch(match.Groups["value"].Value);
                settings.Add(new RawSetting(name, value, where, isLiteral));
            }
            else if (match.Success && SettingAliases.IsIgnored(name))
            {
                settings.Add(new RawSetting(name, "", where));
            }
            else
            {
                problems.Add(new ConfigurationProblem(name, "the line is no assignment of a literal, and Python is not run here; write the configuration as JSON", where));
            }
        }

        return settings;
    }

    private static string? Value(string text)
    {
        var quoted = Quoted().Match(text);
        if (quoted.Success)
        {
            return quoted.Groups["text"].Value;
        }

        int comment = text.IndexOf('#', StringComparison.Ordinal);
        text = (comment < 0 ? text : text[..comment]).Trim();
        if (text is "True" or "False" or "None" || SettingValue.Number(text) is not null)
        {
            return text;
        }

        // 5 * 8, as gradient_accumulation_steps is written.
        long product = 1;
        foreach (string factor in text.Split('*'))
        {
            if (SettingValue.Integer(factor.Trim()) is not { } number || Math.BigMul(product, number) is var big && big != (long)big)
            {
                return null;
            }

            product = (long)big;
        }

        return product.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z_]\w*)\s*=(?!=)\s*(?<value>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^(import|from)\s", RegexOptions.CultureInvariant)]
    private static partial Regex Import();

    [GeneratedRegex(@"^(?<quote>['""])(?<text>[^'""\\]*)\k<quote>\s*(#.*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();
}
