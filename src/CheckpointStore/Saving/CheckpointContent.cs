using System.Text.Json;
using System.Text.Json.Nodes;
using CheckpointStorage.Saving;

namespace CheckpointStorage;

/// <summary>A checkpoint to be saved.</summary>
public sealed record CheckpointContent
{
    /// <summary>Updates that were done, 0 or more.</summary>
    public required long Step { get; init; }

    /// <summary>The files, written in this order; at least one, their names different in more than case.</summary>
    public required IReadOnlyList<CheckpointFile> Files { get; init; }

    /// <summary>Passes over the data, for <c>epoch:E</c>. <value>The default, null: not recorded.</value></summary>
    public double? Epoch { get; init; }

    /// <summary>
    /// The metric that decides which is best, such as the validation loss; NaN is recorded and never best. <value>The default, null: not recorded.</value>
    /// </summary>
    public double? Metric { get; init; }

    /// <summary>The id of the checkpoint that the run came from. <value>The default, null: none.</value></summary>
    public string? ParentId { get; init; }

    /// <summary>
    /// The settings that a checkpoint is of no use without, such as <c>n_layer</c>: checkpoints in which they differ are never rotated
    /// against each other, and <see cref="CheckpointInfo.RequireConfiguration"/> names what differs. <value>The default is empty.</value>
    /// </summary>
    public IReadOnlyDictionary<string, string> Configuration { get; init; } = new Dictionary<string, string>();

    /// <summary>Whatever else is to be known of it without opening its files. <value>The default, null: nothing.</value></summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>Whether rotation is to leave it alone. <value>The default is false.</value></summary>
    public bool Pin { get; init; }

    /// <summary>Checks everything that can be checked before a byte is written, and copies what the caller might change meanwhile.</summary>
    internal ContentSnapshot Snapshot()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Step, nameof(Step));
        ArgumentNullException.ThrowIfNull(Configuration, nameof(Configuration));
        ArgumentNullException.ThrowIfNull(Files, nameof(Files));
        if (Files.Count == 0)
        {
            throw new ArgumentException("A checkpoint has at least one file.", nameof(Files));
        }

        string[] twice = [.. Files.GroupBy(file => file.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key)];
        if (twice.Length > 0)
        {
            throw new ArgumentException($"These files are given twice, or differ in case only: {string.Join(", ", twice)}.", nameof(Files));
        }

        try
        {
            var draft = new Manifest
            {
                Step = Step,
                SavedAt = default,
                Epoch = Epoch,
                Metric = Metric,
                ParentId = ParentId,
                Configuration = new Dictionary<string, string>(Configuration, StringComparer.Ordinal),
                Metadata = Metadata is null ? Manifest.NoMetadata : JsonSerializer.SerializeToElement(Metadata, ManifestJson.Default.JsonObject),
                Files = [new CheckpointFileInfo("draft", 0, new string('0', 64), new string('0', 32))],
            };

            // Nothing is ever written that would be refused when it is read.
            Manifest read = ManifestReader.Read(ManifestWriter.Write(draft));
            if (draft.ParentId != read.ParentId || draft.Configuration.Any(pair => read.Configuration.GetValueOrDefault(pair.Key) != pair.Value))
            {
                throw new FormatException("a text has half a character");
            }

            return new ContentSnapshot(draft, [.. Files], Pin);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or JsonException)
        {
            throw new ArgumentException(
                $"The configuration or the metadata is nothing that a manifest can hold ({IO.DisplayText.Clause(e.Message)}). JSON has no NaN, no half characters, and {ManifestReader.Deepest} levels at most.",
                nameof(Metadata),
                e);
        }
    }
}
