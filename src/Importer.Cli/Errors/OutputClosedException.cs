namespace Importer.Cli;

/// <summary>Whoever read standard output has gone, as <c>head</c> does when it has enough: no reason to complain, and none to go on.</summary>
internal sealed class OutputClosedException() : IOException("Nobody reads standard output any more.");
