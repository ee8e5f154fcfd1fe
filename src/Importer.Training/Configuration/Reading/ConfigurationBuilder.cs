using Importer.IO;
using Importer.Mapping.Planning;

namespace Importer.Training;

/// <summary>Takes settings one after the other, from files and arguments, and makes options of them.</summary>
internal sealed partial class ConfigurationBuilder
{
    private const string CommandLine = "command line";
    private const int FileLimit = 1 << 20;

    private static readonly string[][] Exclusive = [["max_iters", "epochs"], ["resume_from", "resume_step", "resume_epoch"]];

    private readonly TrainingOptions _options = new();
    private readonly Dictionary<string, SettingOrigin> _origins = [];
    private readonly List<string> _notes = [];
    private readonly List<ConfigurationProblem> _problems = [];
    private SettingOrigin? _fromResume;

    /// <summary>Adds a configuration: a file, or a ready one by its name.</summary>
    public void AddFile(string file)
    {
        if (file.Length == 0)
        {
            _problems.Add(new ConfigurationProblem("", "the name of a configuration is empty", CommandLine));
        }
        else if (RegularFile.Exists(file))
        {
            if (RegularFile.Length(file) > FileLimit)
            {
                _problems.Add(new ConfigurationProblem(file, $"{file} is longer than {FileLimit >> 20} MiB, and so no configuration", CommandLine));
                return;
            }

            bool isPython = file.EndsWith(".py", StringComparison.OrdinalIgnoreCase);
            byte[] content = File.ReadAllBytes(file);
            AddAll(isPython ? PythonConfigReader.Read(file, content, _problems) : JsonConfigReader.Read(file, content, _problems));
        }
        else if (ReadyConfigurations.Find(file) is { } ready)
        {
            AddAll(JsonConfigReader.Read(ReadyConfigurations.NameOf(file), ready, _problems));
        }
        else
        {
            _problems.Add(new ConfigurationProblem(
                file, $"there is no file {file}, and the ready configurations are {string.Join(", ", ReadyConfigurations.Names)}{Nearest(file, ReadyConfigurations.Names)}", CommandLine));
        }
    }

    /// <summary>The options.</summary>
    /// <exception cref="TrainingConfigurationException">Something is wrong with what was added.</exception>
    public TrainingConfiguration Build()
    {
        if (_problems.Count > 0)
        {
            throw new TrainingConfigurationException(_problems);
        }

        if (_fromResume is not null && _options.InitFrom is not ("resume" or "auto"))
        {
            Setting.ByName["auto_init_from"].Set(_options, _options.InitFrom);
            SetDerived("init_from", "auto", _fromResume);
        }

        // Who says which checkpoint to resume from says that.
        if (Exclusive[1].FirstOrDefault(_origins.ContainsKey) is { } resume && !_origins.ContainsKey("init_from"))
        {
            SetDerived("init_from", "resume", _origins[resume]);
        }

        LowerMinLr();
        return new TrainingConfiguration(_options, _origins, _notes);
    }

    // With nanoGPT's default the rate of a gentle fine-tuning would rise where it is to fall. A tenth is what its author advises.
    private void LowerMinLr()
    {
        if (_options is { DecayLr: true, NanogptCompat: false } && _options.MinLr > _options.LearningRate && !_origins.ContainsKey("min_lr"))
        {
            SetDerived("min_lr", _options.LearningRate / 10, _origins["learning_rate"]);
            _notes.Add(FormattableString.Invariant($"min_lr is {_options.MinLr}, a tenth of learning_rate: its default is more than that"));
        }
    }

    private void AddAll(IEnumerable<RawSetting> settings)
    {
        foreach (var setting in settings)
        {
            Add(setting);
        }
    }

    private void Add(RawSetting raw)
    {
        string name = Setting.Normalize(raw.Name);
        name = SettingAliases.Plain.GetValueOrDefault(name, name);
        if (SettingAliases.Ignored.TryGetValue(name, out string? reason))
        {
            _notes.Add($"{name} has no effect: {reason}");
        }
        else if (SettingAliases.Translated.Contains(name))
        {
            Translate(name, raw);
        }
        else if (!Setting.ByName.TryGetValue(name, out var setting))
        {
            _problems.Add(new ConfigurationProblem(name, $"there is no setting {name}{Nearest(name, SettingAliases.AllNames)}", raw.Where));
        }
        else if (raw.Text is null)
        {
            _problems.Add(new ConfigurationProblem(name, $"{name} lacks its value", raw.Where));
        }
        else if (raw.IsLiteral && setting.Type == typeof(string) && !(setting.IsNullable && SettingValue.IsNull(raw.Text)))
        {
            _problems.Add(new ConfigurationProblem(name, $"{name} is {raw.Text}, where a text is needed", raw.Where));
        }
        else
        {
            Set(setting, raw.Text, raw);
        }
    }

    private void Set(Setting setting, string text, RawSetting raw)
    {
        if (!SettingValue.TryParse(setting, Canonical(setting.Name, text), out object? value, out string problem))
        {
            _problems.Add(new ConfigurationProblem(setting.Name, $"{setting.Name} {problem}", raw.Where));
            return;
        }

        string written = Setting.Normalize(raw.Name);
        bool sameSource = _origins.TryGetValue(setting.Name, out var earlier) && SourceOf(earlier.Where) == SourceOf(raw.Where);
        if (sameSource && !Equals(setting.Get(_options), value))
        {
            string names = earlier!.WrittenAs == written ? written : $"{earlier.WrittenAs} and {written}";
            _notes.Add($"{setting.Name} was given twice ({names}); the later value counts: {DisplayText.Escape(text)}");
        }

        setting.Set(_options, value);
        _origins[setting.Name] = new SettingOrigin(raw.Where, written);
        SetBackOthers(setting, value);
    }

    private void SetBackOthers(Setting setting, object? value)
    {
        if (value is null)
        {
            return;
        }

        foreach (string other in Exclusive.Where(group => group.Contains(setting.Name)).SelectMany(group => group).Where(other => other != setting.Name))
        {
            if (_origins.Remove(other, out var origin) && Setting.ByName[other].Get(_options) is { } was)
            {
                Setting.ByName[other].Set(_options, null);
                _notes.Add(FormattableString.Invariant($"{other} {DisplayText.Escape(was.ToString()!)} ({origin.Where}) does not count: {setting.Name} was given later"));
            }
        }
    }

    private void SetDerived(string name, object value, SettingOrigin origin)
    {
        Setting.ByName[name].Set(_options, value);
        _origins[name] = origin;
    }

    // Words that mean a choice without being its name.
    private static string Canonical(string name, string text) => (name, text) switch
    {
        ("dtype", "fp32" or "f32" or "float" or "torch.float32") => "float32",
        ("dtype", "bf16" or "torch.bfloat16") => "bfloat16",
        ("keep_last", "all") => "None",
        _ => text,
    };

    private static string SourceOf(string where) => where.Split(", line ")[0];

    private static string Nearest(string name, IEnumerable<string> candidates) =>
        new NearestNames(candidates).To(name) is { Count: > 0 } near ? $"; is {string.Join(" or ", near)} meant?" : "";
}
