namespace Importer.Training;

internal sealed partial class ConfigurationBuilder
{
    /// <summary>Adds arguments.</summary>
    public void AddArguments(IReadOnlyList<string> args)
    {
        for (int i = 0; i < args.Count; i++)
        {
            string arg = args[i];
            if (!arg.StartsWith("--", StringComparison.Ordinal))
            {
                if (arg.StartsWith('-') && arg.Length > 1)
                {
                    _problems.Add(new ConfigurationProblem(arg, $"{arg} is no setting: they begin with two hyphens", CommandLine));
                    continue;
                }

                AddFile(arg);
                continue;
            }

            int equals = arg.IndexOf('=', StringComparison.Ordinal);
            if (arg == "--config" && i + 1 < args.Count)
            {
                AddFile(args[++i]);
                continue;
            }

            if (arg.StartsWith("--config=", StringComparison.Ordinal))
            {
                AddFile(arg[(equals + 1)..]);
                continue;
            }

            if (equals >= 0)
            {
                Add(new RawSetting(arg[..equals], arg[(equals + 1)..], CommandLine));
                continue;
            }

            string name = Setting.Normalize(arg);
            bool hasNext = i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal);
            if (IsSwitch(name))
            {
                // What follows is its value only if it reads like one: it may be a configuration.
                bool takes = hasNext && SettingValue.Boolean(args[i + 1]) is not null;
                Add(new RawSetting(arg, takes ? args[++i] : "true", CommandLine, IsLiteral: !takes));
            }
            else if (name.StartsWith("no_", StringComparison.Ordinal) && IsSwitch(name[3..]))
            {
                Add(new RawSetting(name[3..], "false", CommandLine, IsLiteral: true));
            }
            else
            {
                Add(new RawSetting(arg, hasNext ? args[++i] : null, CommandLine));
            }
        }
    }

    private static bool IsSwitch(string name) =>
        (Setting.ByName.TryGetValue(SettingAliases.Plain.GetValueOrDefault(name, name), out var setting) && setting.Type == typeof(bool))
        || name is "bf16" or "fp16" or "use_cpu" or "no_cuda" or "use_moe" or "from_resume" or "compile" or "use_compile" or "torch_compile" or "wandb_log"
            or "use_wandb" or "use_swanlab" or "ddp" or "do_train" or "do_eval" or "load_best_model_at_end";
}
