using System.Text.Json.Nodes;

namespace Importer.Training;

/// <summary>
/// An observer that writes files which go on with the run: what it wrote past the checkpoint that is resumed must go, so that each
/// step is there once.
/// </summary>
public interface IResumableObserver : ITrainingObserver
{
    /// <summary>Its name in checkpoints; another one than any other observer's of the run.</summary>
    string Name { get; }

    /// <summary>
    /// Where it is, for a checkpoint of this moment, such as the length of its file; what is before that must be on its way to the
    /// disk. Called on the thread that trains, also after <see cref="ITrainingObserver.Ended"/>.
    /// </summary>
    /// <returns>Anything; null for nothing.</returns>
    JsonNode? Capture();

    /// <summary>The run begins, or goes on: everything after this place is to be removed. Called before <see cref="ITrainingObserver.Started"/>.</summary>
    /// <param name="steps">Updates of the checkpoint; 0 for a run that begins.</param>
    /// <param name="captured">What <see cref="Capture"/> gave to the checkpoint; null where it has nothing of this observer.</param>
    void Resuming(long steps, JsonNode? captured);
}
