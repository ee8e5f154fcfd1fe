namespace Importer.Mapping.Language;

/// <summary>What an expression can be known to yield without a configuration.</summary>
internal enum ExpressionType
{
    /// <summary>Depends on what the configuration holds.</summary>
    Unknown,
    Integer,
    Boolean,
    Text,
}
