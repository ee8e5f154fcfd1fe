namespace Importer.Mapping;

/// <summary>A parameter that is no tensor of its own but another's.</summary>
/// <param name="Target">The name that shares, such as <c>lm_head.weight</c>.</param>
/// <param name="To">The parameter whose tensor it shares, such as <c>transformer.wte.weight</c>.</param>
/// <param name="Check">
/// What is to be verified before the tie is believed; null where the checkpoint has no second copy, or has it in the same bytes.
/// </param>
/// <param name="Rule">The rule of the mapping that says so.</param>
/// <param name="StoredAs">The key under which the checkpoint stores it a second time; null where it does not.</param>
public sealed record PlannedTie(string Target, string To, TieCheck? Check, RuleLocation Rule, string? StoredAs = null);
