namespace Importer.Export;

/// <summary>A parameter with numbers that the wanted dtype cannot hold.</summary>
/// <param name="Parameter">Its name in the model.</param>
/// <param name="Count">How many of its numbers are too large.</param>
/// <param name="Largest">The largest of them, without its sign.</param>
public sealed record DTypeOverflow(string Parameter, long Count, double Largest);
