namespace Importer.Training;

/// <summary>The names that nanoGPT, transformers' Trainer, LMFlow and minimind have for settings.</summary>
internal static class SettingAliases
{
    /// <summary>Other names of settings whose values mean the same.</summary>
    public static IReadOnlyDictionary<string, string> Plain { get; } = new Dictionary<string, string>
    {
        // transformers' Trainer and LMFlow
        ["output_dir"] = "out_dir",
        ["overwrite_output_dir"] = "overwrite",
        ["model_name_or_path"] = "init_from",
        ["dataset_path"] = "data",
        ["save_total_limit"] = "keep_last",
        ["per_device_train_batch_size"] = "batch_size",
        ["num_train_epochs"] = "epochs",
        ["eval_steps"] = "eval_interval",
        ["logging_steps"] = "log_interval",
        ["max_grad_norm"] = "grad_clip",
        ["warmup_steps"] = "warmup_iters",
        ["lr"] = "learning_rate",
        ["adam_beta1"] = "beta1",
        ["adam_beta2"] = "beta2",

        // minimind
        ["save_dir"] = "out_dir",
        ["accumulation_steps"] = "gradient_accumulation_steps",
        ["data_path"] = "data",
        ["hidden_size"] = "n_embd",
        ["num_hidden_layers"] = "n_layer",
        ["num_attention_heads"] = "n_head",
        ["max_seq_len"] = "block_size",
    };

    /// <summary>What the others have and a run here has no use for, with the reason.</summary>
    public static IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["compile"] = Compiled,
        ["use_compile"] = Compiled,
        ["torch_compile"] = Compiled,
        ["backend"] = Grouped,
        ["ddp"] = Grouped,
        ["local_rank"] = Grouped,
        ["wandb_log"] = Logged,
        ["wandb_project"] = Logged,
        ["wandb_run_name"] = Logged,
        ["use_wandb"] = Logged,
        ["use_swanlab"] = Logged,
        ["report_to"] = Logged,
        ["run_name"] = Logged,
        ["logging_dir"] = Logged,
        ["save_weight"] = "checkpoints are named by step, time and content",
        ["num_workers"] = Fed,
        ["dataloader_num_workers"] = Fed,
        ["per_device_eval_batch_size"] = "evaluation has the batches of training",
        ["do_train"] = "that is what a run does",
        ["do_eval"] = "eval_interval says when",
        ["evaluation_strategy"] = "eval_interval says when",
        ["eval_strategy"] = "eval_interval says when",
        ["logging_strategy"] = "log_interval says when",
        ["load_best_model_at_end"] = "the best checkpoint is kept under its own name",
    };

    /// <summary>Names whose values are translated: see <see cref="SettingTranslation"/>.</summary>
    public static IReadOnlyList<string> Translated { get; } =
    [
        "dataset", "max_steps", "save_steps", "resume_from_checkpoint", "lr_scheduler_type", "bf16", "fp16", "use_cpu", "no_cuda", "save_strategy",
        "from_weight", "from_resume", "use_moe",
    ];

    /// <summary>Every name that is accepted.</summary>
    public static IEnumerable<string> AllNames => Setting.All.Select(setting => setting.Name).Concat(Plain.Keys).Concat(Ignored.Keys).Concat(Translated);

    private const string Grouped = "processes are counted by nproc_per_node, or by the environment that torchrun sets";
    private const string Compiled = "nothing is compiled here";
    private const string Logged = "a run writes metrics.jsonl and TensorBoard's files";
    private const string Fed = "data is read where it lies";

    /// <summary>Whether a name is accepted and without effect.</summary>
    public static bool IsIgnored(string name) => Ignored.ContainsKey(Setting.Normalize(name));
}
