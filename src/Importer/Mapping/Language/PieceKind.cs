namespace Importer.Mapping.Language;

/// <summary>How pieces lie in a tensor.</summary>
internal enum PieceKind
{
    /// <summary>There is one, the whole.</summary>
    Whole,

    /// <summary>One after the other along a dimension: split and concat.</summary>
    Along,

    /// <summary>As the values of a dimension of their own: unstack and stack.</summary>
    Stacked,

    /// <summary>There is one, part of a dimension: take and pad.</summary>
    Window,
}
