namespace Importer.Bench;

/// <summary>The same download with curl.</summary>
/// <param name="Seconds">From its start to its end; what it wrote need not be on the disk by then.</param>
/// <param name="CpuSeconds">What it used of the processors, in user and kernel mode.</param>
/// <param name="FlushSeconds">How much longer it takes until the file is on the disk.</param>
internal sealed record CurlFigures(double Seconds, double CpuSeconds, double FlushSeconds);
