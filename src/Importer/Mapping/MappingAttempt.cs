namespace Importer.Mapping;

/// <summary>Why a mapping was not chosen for a checkpoint.</summary>
/// <param name="Mapping">The mapping's name.</param>
/// <param name="Reason">What did not fit.</param>
/// <param name="MatchedTensors">How many of the checkpoint's keys have a form that the mapping knows.</param>
public sealed record MappingAttempt(string Mapping, string Reason, int MatchedTensors);
