namespace Importer.Mapping.Language;

internal enum ExpressionKind
{
    Integer,
    Text,
    Boolean,
    Null,

    /// <summary>A key of the configuration, with dots for nested ones.</summary>
    Key,

    /// <summary>A name that the table's "config" section defines.</summary>
    Symbol,

    Not,
    Add,
    Subtract,
    Multiply,
    Divide,

    /// <summary><c>a // b</c>: the quotient, rounded down.</summary>
    FloorDivide,

    /// <summary><c>a ?? b</c> or <c>a | b</c>: b where a is missing or null.</summary>
    Else,

    Equal,
    NotEqual,
    Less,
    Greater,
    And,
    Or,

    /// <summary><c>a in [x, y]</c>: the list is the operands after the first.</summary>
    In,

    /// <summary><c>*</c> in the shape of what is dropped: any size.</summary>
    Any,
}
