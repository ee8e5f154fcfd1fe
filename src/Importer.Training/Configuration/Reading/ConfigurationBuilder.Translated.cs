namespace Importer.Training;

internal sealed partial class ConfigurationBuilder
{
    private readonly Dictionary<string, List<(Setting Setting, object? Value, SettingOrigin? Origin)>> _beforeTranslated = [];

    private void Translate(string name, RawSetting raw)
    {
        if (raw.Text is null)
        {
            _problems.Add(new ConfigurationProblem(name, $"{name} lacks its value", raw.Where));
            return;
        }

        var (settings, problem, note) = SettingTranslation.Of(name, raw.Text);
        if (problem is not null)
        {
            _problems.Add(new ConfigurationProblem(name, $"{name} {problem}", raw.Where));
        }

        if (note is not null)
        {
            _notes.Add($"{name}: {note}");
        }

        if (settings.Count == 0)
        {
            TakeBack(name);
        }

        foreach (var (setting, text) in settings)
        {
            if (setting == SettingTranslation.FromResume)
            {
                _fromResume = text == "true" ? new SettingOrigin(raw.Where, name) : null;
            }
            else
            {
                Remember(name, Setting.ByName[setting]);
                Set(Setting.ByName[setting], text, raw);
            }
        }
    }

    private void Remember(string name, Setting setting)
    {
        if (!_beforeTranslated.TryGetValue(name, out var before))
        {
            _beforeTranslated[name] = before = [];
        }

        if (!before.Exists(item => item.Setting == setting))
        {
            before.Add((setting, setting.Get(_options), _origins.GetValueOrDefault(setting.Name)));
        }
    }

    // Later wins: bf16=false takes back what bf16=true has set, unless somebody has said it in other words since.
    private void TakeBack(string name)
    {
        if (!_beforeTranslated.Remove(name, out var before))
        {
            return;
        }

        foreach (var (setting, value, origin) in before)
        {
            if (_origins.TryGetValue(setting.Name, out var now) && now.WrittenAs == name)
            {
                setting.Set(_options, value);
                _origins.Remove(setting.Name);
                if (origin is not null)
                {
                    _origins[setting.Name] = origin;
                }
            }
        }
    }
}
