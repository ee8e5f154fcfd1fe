namespace Importer.Training;

/// <summary>
/// A source that draws each batch before it is needed, as nanoGPT does: what was drawn and not yet read is a part of a run's state.
/// </summary>
internal interface IPrefetchingSource : IBatchSource
{
    /// <summary>First tokens of the windows that were drawn and not read; empty where there are none.</summary>
    IReadOnlyList<long> Pending { get; set; }

    /// <summary>Draws the next batch, unless one is drawn.</summary>
    void Prefetch(int count);
}
