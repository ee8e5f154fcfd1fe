namespace Importer.Training;

/// <summary>What other programs' settings that have no counterpart of the same values come to here.</summary>
internal static class SettingTranslation
{
    /// <summary>minimind's: a checkpoint goes before whatever else the run would begin with. Which that is, is known when all is read.</summary>
    public const string FromResume = "from_resume";

    private const string OutDirNote = "its checkpoints are looked for in out_dir";

    /// <summary>Translates a setting.</summary>
    /// <param name="name">One of <see cref="SettingAliases.Translated"/>.</param>
    /// <param name="text">Its value.</param>
    /// <returns>Settings with their values' texts; or what is wrong, a phrase that follows the name.</returns>
    public static (IReadOnlyList<(string Name, string Text)> Settings, string? Problem, string? Note) Of(string name, string text)
    {
        bool? truth = SettingValue.Boolean(text);
        return name switch
        {
            "dataset" => Valid(("data", text.Contains('/') || text.Contains('\\') ? text : $"data/{text}")),
            "max_steps" => SettingValue.Integer(text) < 0 ? Nothing() : Valid(("max_iters", text)),
            "save_steps" => SettingValue.Number(text) is > 0 and < 1
                ? Wrong("is a part of the run; give a number of updates, or save_interval auto")
                : Valid(("save_interval", text)),
            "resume_from_checkpoint" => truth == false || SettingValue.IsNull(text)
                ? Nothing()
                : Valid(("init_from", "resume"), ("resume_from", truth == true ? "latest" : text)) with { Note = truth == true ? OutDirNote : null },
            "lr_scheduler_type" => text switch
            {
                "cosine" => Valid(("decay_lr", "true")),
                "constant" => Valid(("decay_lr", "false")),
                _ => Wrong($"is '{text}'; choose cosine or constant"),
            },
            "bf16" => truth switch { true => Valid(("dtype", "bfloat16")), false => Nothing(), _ => NoTruth(text) },
            "fp16" => truth switch { true => Wrong("needs a gradient scaler, which there is not; use dtype bfloat16 or float32"), false => Nothing(), _ => NoTruth(text) },
            "use_cpu" or "no_cuda" => truth switch { true => Valid(("device", "cpu")), false => Nothing(), _ => NoTruth(text) },
            "save_strategy" => text switch
            {
                "steps" => Nothing(),
                "best" => Valid(("always_save_checkpoint", "false")),
                _ => Wrong($"is '{text}'; a run here always saves at its end, and by steps: choose steps or best"),
            },
            "from_weight" => Valid(("init_from", SettingValue.IsNull(text) ? "scratch" : text)),
            "from_resume" => truth is { } resumes ? Valid((FromResume, resumes ? "true" : "false")) with { Note = resumes ? OutDirNote : null } : NoTruth(text),
            _ => truth switch { true => Wrong("is not trained here; export a dense model"), false => Nothing(), _ => NoTruth(text) },
        };
    }

    private static (IReadOnlyList<(string, string)> Settings, string? Problem, string? Note) Valid(params (string, string)[] settings) => (settings, null, null);

    private static (IReadOnlyList<(string, string)> Settings, string? Problem, string? Note) Nothing() => ([], null, null);

    private static (IReadOnlyList<(string, string)> Settings, string? Problem, string? Note) Wrong(string problem) => ([], problem, null);

    private static (IReadOnlyList<(string, string)> Settings, string? Problem, string? Note) NoTruth(string text) => Wrong($"is '{text}', which is no truth value");
}
