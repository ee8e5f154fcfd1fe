namespace PretrainedTokenizers;

/// <summary>Which part of a text is encoded.</summary>
[Flags]
internal enum TextPart
{
    Middle = 0,
    First = 1,
    Last = 2,
    Whole = First | Last,
}
