namespace Importer.Mapping.Language;

/// <summary>A rule of "drop": tensors that are known and not read.</summary>
internal sealed class DropRule : MappingRule
{
    internal required bool IsOptional { get; init; }

    internal required DropContent Content { get; init; }

    internal required string Reason { get; init; }
}
