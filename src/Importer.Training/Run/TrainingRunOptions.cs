using Importer.Sources;
using Importer.Training.Distributed;

namespace Importer.Training;

/// <summary>What a run needs to know beside its settings: who watches it, and how things are reached.</summary>
public sealed class TrainingRunOptions
{
    /// <summary>
    /// The names of settings that somebody gave, such as <c>learning_rate</c>: they win over those of a checkpoint that is resumed. All
    /// others are the checkpoint's. <value>The default, null, is every setting that differs from its default.</value>
    /// </summary>
    public IReadOnlyCollection<string>? Given { get; init; }

    /// <summary>The arguments of the process, for the record. <value>The default is empty.</value></summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    /// <summary>What watches the run, in this order; the run disposes none of them. <value>The default is empty.</value></summary>
    public IReadOnlyList<ITrainingObserver> Observers { get; init; } = [];

    /// <summary>Told what a person should read: what was found, what differs, what is saved. <value>The default is null.</value></summary>
    public IProgress<RunMessage>? Log { get; init; }

    /// <summary>The language of the three lines by which a run begins: <c>en</c> or <c>zh</c>. <value>The default is <c>en</c>.</value></summary>
    public string Language { get; init; } = "en";

    /// <summary>How a model that is named by its id is fetched. <value>The default, null, is the environment's settings.</value></summary>
    public HubAccess? Hub { get; init; }

    /// <summary>
    /// The processes that train together, each with this run: rank 0 finds, decides, logs and saves, the others make updates with it. It stays
    /// the caller's, and is of no use after the run. <value>The default, null, is this process alone.</value>
    /// </summary>
    public ProcessGroup? Group { get; init; }

    /// <summary>How many processes a plan is for, where there is no <see cref="Group"/>. <value>The default is 1.</value></summary>
    public int PlannedWorldSize { get; init; } = 1;

    internal int WorldSize => Group?.WorldSize ?? PlannedWorldSize;

    /// <summary>Told how far text has been tokenised. <value>The default is null.</value></summary>
    public IProgress<Data.PrepareProgress>? PrepareProgress { get; init; }

    /// <summary>The clock of timed saves. <value>The default is the system's.</value></summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
