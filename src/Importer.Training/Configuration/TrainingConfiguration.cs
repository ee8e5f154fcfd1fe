namespace Importer.Training;

/// <summary>A run's settings as read from files and a command line, and where each came from.</summary>
/// <example>
/// <code>
/// var run = TrainingConfiguration.Parse([], ["train-shakespeare-char", "--data", "my.txt", "--max_iters=2000", "--lr", "5e-4"]);
/// foreach (string note in run.Notes) Console.Error.WriteLine(note);
/// run.Options.ValidateRun();
/// </code>
/// </example>
/// <remarks>
/// <para>
/// Names may be written with hyphens or underscores, in nanoGPT's, transformers' Trainer's, LMFlow's or minimind's words. Whatever is
/// given later wins: files in their order, then the arguments in theirs, among which a bare one is a configuration, too. Where two
/// settings exclude each other (<c>max_iters</c> and <c>epochs</c>; <c>resume_from</c>, <c>resume_step</c> and <c>resume_epoch</c>), the
/// later sets the earlier back.
/// </para>
/// <para>
/// A configuration is a JSON object of settings; one of nanoGPT's Python files, as far as it assigns literals; or the name of a ready one
/// (<see cref="ReadyConfigurations"/>), also as nanoGPT spells it: <c>config/finetune_shakespeare.py</c>, unless there is such a file.
/// </para>
/// <para>
/// Values are read as JSON, Python and shells write them: <c>True</c>, <c>true</c> and <c>1</c>; <c>None</c> and <c>null</c>; <c>5e-4</c>,
/// <c>1_000</c>, <c>6e5</c> for a whole number, <c>1</c> for any. On the command line a truth value may be left out
/// (<c>--eval-only</c>) or denied (<c>--no-decay-lr</c>).
/// </para>
/// </remarks>
public sealed class TrainingConfiguration
{
    internal TrainingConfiguration(TrainingOptions options, IReadOnlyDictionary<string, SettingOrigin> origins, IReadOnlyList<string> notes)
    {
        Options = options;
        Origins = origins;
        Notes = notes;
    }

    /// <summary>The settings; those that nobody gave have their defaults. They were not validated together yet.</summary>
    public TrainingOptions Options { get; }

    /// <summary>Where each setting that somebody gave came from, by its name with underscores.</summary>
    public IReadOnlyDictionary<string, SettingOrigin> Origins { get; }

    /// <summary>What is worth telling: settings without effect here, settings that were given twice or set each other back.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Reads settings.</summary>
    /// <param name="files">Configurations: files or names of ready ones.</param>
    /// <param name="args">Arguments: <c>--key value</c>, <c>--key=value</c>, <c>--flag</c>, or a further configuration (also <c>--config FILE</c>).</param>
    /// <exception cref="TrainingConfigurationException">
    /// A file is missing or broken, a name is unknown, or a value is none for its setting; all of them are named.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static TrainingConfiguration Parse(IEnumerable<string> files, IEnumerable<string> args)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(args);
        var builder = new ConfigurationBuilder();
        foreach (string file in files)
        {
            builder.AddFile(file);
        }

        builder.AddArguments([.. args]);
        return builder.Build();
    }
}
