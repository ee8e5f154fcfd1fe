namespace Importer.Bench;

/// <summary>What saves in the background cost: the part by which the updates beside them are slower than others, waiting included.</summary>
internal sealed record SaveFigures(double Cost, double StepSeconds, double SaveSeconds, double WaitedSeconds, int Steps, long Bytes);
