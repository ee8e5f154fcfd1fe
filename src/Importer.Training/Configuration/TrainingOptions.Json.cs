using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Importer.Training;

public sealed partial record TrainingOptions
{
    /// <summary>All settings by name, those that are null too, so that a later version's defaults change nothing that was recorded.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var setting in Setting.All)
        {
            json[setting.Name] = setting.Get(this) switch
            {
                null => null,
                bool value => value,
                int value => value,
                long value => value,
                double value => value,
                var value => (string)value,
            };
        }

        return json;
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote, also of another version: what it did not know has this one's default.</summary>
    /// <param name="json">The settings.</param>
    /// <param name="unknown">Names that this version does not know; their values are left out.</param>
    /// <exception cref="TrainingConfigurationException">A value is not of its setting's type.</exception>
    public static TrainingOptions FromJson(JsonObject json, out IReadOnlyList<string> unknown)
    {
        ArgumentNullException.ThrowIfNull(json);
        var options = new TrainingOptions();
        var problems = new List<ConfigurationProblem>();
        List<string> others = [];
        foreach (var (name, node) in json)
        {
            if (!Setting.ByName.TryGetValue(name, out var setting))
            {
                others.Add(name);
            }
            else if (TextOf(node, setting) is not { } text)
            {
                problems.Add(new ConfigurationProblem(name, $"{name} is {node?.ToJsonString() ?? "null"}, which is no value for it"));
            }
            else if (!SettingValue.TryParse(setting, text, out object? value, out string problem))
            {
                problems.Add(new ConfigurationProblem(name, $"{name} {problem}"));
            }
            else
            {
                setting.Set(options, node is not null && setting.Type == typeof(string) ? node.GetValue<string>() : value);
            }
        }

        unknown = others;
        return problems.Count == 0 ? options : throw new TrainingConfigurationException(problems);
    }

    /// <summary>Every setting that differs, field by field.</summary>
    /// <param name="was">The one, such as what a checkpoint recorded.</param>
    /// <param name="now">The other.</param>
    public static IReadOnlyList<SettingDifference> Differences(TrainingOptions was, TrainingOptions now)
    {
        ArgumentNullException.ThrowIfNull(was);
        ArgumentNullException.ThrowIfNull(now);
        return
        [
            .. Setting.All.Where(setting => !Equals(setting.Get(was), setting.Get(now)))
                .Select(setting => new SettingDifference(setting.Name, Shown(setting.Get(was)), Shown(setting.Get(now)))),
        ];
    }

    private static string? TextOf(JsonNode? node, Setting setting) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => setting.IsNullable ? "null" : null,
        JsonValueKind.String => setting.Type == typeof(string) ? node.GetValue<string>() : null,
        JsonValueKind.Number => setting.Type != typeof(string) && setting.Type != typeof(bool) ? node.ToJsonString() : null,
        JsonValueKind.True or JsonValueKind.False => setting.Type == typeof(bool) ? node.ToJsonString() : null,
        _ => null,
    };

    private static string Shown(object? value) => value switch
    {
        null => "none",
        string text => $"'{DisplayText.Escape(text)}'",
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => "",
    };
}
