using Importer.Sources;

namespace Importer.Mapping;

/// <summary>A tensor of the checkpoint that is not read.</summary>
/// <param name="Source">The tensor.</param>
/// <param name="Reason">Why the model does without it, in the mapping's words.</param>
/// <param name="Content">What it contains according to the mapping; an executor verifies it on request only.</param>
/// <param name="Rule">The rule of the mapping that says so.</param>
public sealed record DroppedTensor(SourceTensor Source, string Reason, DropContent Content, RuleLocation Rule);
