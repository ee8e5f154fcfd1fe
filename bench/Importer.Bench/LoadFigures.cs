namespace Importer.Bench;

/// <summary>A load in a process of its own.</summary>
/// <param name="Seconds">From the call to the ready model.</param>
/// <param name="StartSeconds">What the process's first load of a tiny model took before: torch and our code starting.</param>
/// <param name="PeakBytes">The most resident memory of the process during the load.</param>
/// <param name="BeforeBytes">Its resident memory before.</param>
/// <param name="ParameterBytes">What the parameters take.</param>
/// <param name="IsMapped">Whether the parameters are views of the file.</param>
internal sealed record LoadFigures(double Seconds, double StartSeconds, long PeakBytes, long BeforeBytes, long ParameterBytes, bool IsMapped);
