namespace Importer.Bench;

/// <summary>A download in a process of its own.</summary>
/// <param name="Seconds">From the call to the verified file.</param>
/// <param name="CpuSeconds">What the process used of the processors, in user and kernel mode, from the call on.</param>
/// <param name="BeforeBytes">The process's resident memory before.</param>
/// <param name="PeakBytes">Its most resident memory during the download.</param>
internal sealed record DownloadFigures(double Seconds, double CpuSeconds, long BeforeBytes, long PeakBytes);
