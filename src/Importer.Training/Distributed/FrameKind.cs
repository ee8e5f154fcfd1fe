namespace Importer.Training.Distributed;

/// <summary>What a frame is.</summary>
internal enum FrameKind : byte
{
    /// <summary>Numbers of an all-reduce.</summary>
    Reduce = 1,

    /// <summary>Bytes of a broadcast.</summary>
    Broadcast = 2,

    /// <summary>A text of a gather, in UTF-8.</summary>
    Text = 3,

    /// <summary>The sender, or one that it knows of, failed: nothing comes after it.</summary>
    Abort = 255,
}
