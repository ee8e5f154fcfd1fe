using System.Globalization;

namespace PyTorchCheckpoints;

/// <summary>The opcodes of Python's pickle that checkpoints use, and the names of the others for messages (Lib/pickletools.py).</summary>
internal static class Opcode
{
    public const byte Mark = (byte)'(';
    public const byte Stop = (byte)'.';
    public const byte Proto = 0x80;
    public const byte Global = (byte)'c';
    public const byte Reduce = (byte)'R';
    public const byte Build = (byte)'b';
    public const byte NewObj = 0x81;
    public const byte Tuple = (byte)'t';
    public const byte Tuple1 = 0x85;
    public const byte Tuple2 = 0x86;
    public const byte Tuple3 = 0x87;
    public const byte EmptyTuple = (byte)')';
    public const byte EmptyList = (byte)']';
    public const byte EmptyDict = (byte)'}';
    public const byte EmptySet = 0x8F;
    public const byte None = (byte)'N';
    public const byte NewTrue = 0x88;
    public const byte NewFalse = 0x89;
    public const byte BinInt = (byte)'J';
    public const byte BinInt1 = (byte)'K';
    public const byte BinInt2 = (byte)'M';
    public const byte Long1 = 0x8A;
    public const byte BinFloat = (byte)'G';
    public const byte BinUnicode = (byte)'X';
    public const byte ShortBinString = (byte)'U';
    public const byte BinPut = (byte)'q';
    public const byte LongBinPut = (byte)'r';
    public const byte BinGet = (byte)'h';
    public const byte LongBinGet = (byte)'j';
    public const byte BinPersId = (byte)'Q';
    public const byte SetItem = (byte)'s';
    public const byte SetItems = (byte)'u';
    public const byte Append = (byte)'a';
    public const byte Appends = (byte)'e';

    /// <summary>Python's name of an opcode, or its number when Python has none.</summary>
    public static string Name(int opcode) => opcode switch
    {
        Mark => "MARK",
        Stop => "STOP",
        Proto => "PROTO",
        Global => "GLOBAL",
        Reduce => "REDUCE",
        Build => "BUILD",
        NewObj => "NEWOBJ",
        Tuple => "TUPLE",
        Tuple1 => "TUPLE1",
        Tuple2 => "TUPLE2",
        Tuple3 => "TUPLE3",
        EmptyTuple => "EMPTY_TUPLE",
        EmptyList => "EMPTY_LIST",
        EmptyDict => "EMPTY_DICT",
        EmptySet => "EMPTY_SET",
        None => "NONE",
        NewTrue => "NEWTRUE",
        NewFalse => "NEWFALSE",
        BinInt => "BININT",
        BinInt1 => "BININT1",
        BinInt2 => "BININT2",
        Long1 => "LONG1",
        BinFloat => "BINFLOAT",
        BinUnicode => "BINUNICODE",
        ShortBinString => "SHORT_BINSTRING",
        BinPut => "BINPUT",
        LongBinPut => "LONG_BINPUT",
        BinGet => "BINGET",
        LongBinGet => "LONG_BINGET",
        BinPersId => "BINPERSID",
        SetItem => "SETITEM",
        SetItems => "SETITEMS",
        Append => "APPEND",
        Appends => "APPENDS",
        'i' => "INST",
        'o' => "OBJ",
        'I' => "INT",
        'L' => "LONG",
        0x8B => "LONG4",
        'S' => "STRING",
        'T' => "BINSTRING",
        'B' => "BINBYTES",
        'C' => "SHORT_BINBYTES",
        0x8E => "BINBYTES8",
        0x96 => "BYTEARRAY8",
        0x97 => "NEXT_BUFFER",
        0x98 => "READONLY_BUFFER",
        'V' => "UNICODE",
        0x8C => "SHORT_BINUNICODE",
        0x8D => "BINUNICODE8",
        'F' => "FLOAT",
        'l' => "LIST",
        'd' => "DICT",
        0x90 => "ADDITEMS",
        0x91 => "FROZENSET",
        '0' => "POP",
        '2' => "DUP",
        '1' => "POP_MARK",
        'g' => "GET",
        'p' => "PUT",
        0x94 => "MEMOIZE",
        0x82 => "EXT1",
        0x83 => "EXT2",
        0x84 => "EXT4",
        0x93 => "STACK_GLOBAL",
        0x92 => "NEWOBJ_EX",
        0x95 => "FRAME",
        'P' => "PERSID",
        _ => string.Create(CultureInfo.InvariantCulture, $"0x{opcode:X2}"),
    };
}
