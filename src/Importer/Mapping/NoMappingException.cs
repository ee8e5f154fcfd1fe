namespace Importer.Mapping;

/// <summary>No mapping of a catalog fits a checkpoint, or more than one does.</summary>
public sealed class NoMappingException : MappingException
{
    internal NoMappingException(string heading, IReadOnlyList<MappingAttempt> attempts, int tensors)
        : base(
            heading + string.Concat(attempts.Select(attempt =>
                $"\n  {attempt.Mapping}: {attempt.Reason}"
                + (tensors == 0 ? "" : $"; {attempt.MatchedTensors} of {tensors} keys have a form it knows"))),
            [],
            omitted: 0,
            "Pass a mapping table of your own for this family (mappings/README.md tells how to write one),"
            + " or choose a checkpoint of one of these.")
    {
        Attempts = attempts;
    }

    /// <summary>What was tried, the nearest first.</summary>
    public IReadOnlyList<MappingAttempt> Attempts { get; }
}
