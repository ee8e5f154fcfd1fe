namespace SafeTensorSharp;

/// <summary>Which rule a file, a set or a request broke. The names follow the reference implementation where it has one.</summary>
public enum SafeTensorErrorKind
{
    /// <summary>The file is shorter than the 8 bytes of the header's length.</summary>
    HeaderTooSmall,

    /// <summary>The header's length is over <see cref="SafeTensorLimits.MaxHeaderBytes"/>.</summary>
    HeaderTooLarge,

    /// <summary>The header's length reaches beyond the end of the file.</summary>
    InvalidHeaderLength,

    /// <summary>The header is not valid Unicode: malformed UTF-8, or an escape that is half of a surrogate pair.</summary>
    InvalidHeader,

    /// <summary>The header does not begin with <c>{</c>.</summary>
    HeaderNotObject,

    /// <summary>The header is not one JSON object padded with white space, or is nested too deeply.</summary>
    InvalidHeaderDeserialization,

    /// <summary>A key occurs twice in one JSON object, compared after unescaping.</summary>
    DuplicateKey,

    /// <summary><c>__metadata__</c> is not an object whose values are all strings.</summary>
    InvalidMetadata,

    /// <summary>A tensor lacks <c>dtype</c>, <c>shape</c> or <c>data_offsets</c>.</summary>
    MissingField,

    /// <summary>A JSON value is of the wrong type.</summary>
    WrongType,

    /// <summary>A tensor has a field that the format does not define.</summary>
    UnknownField,

    /// <summary>The <c>dtype</c> is none of the 22 that the format defines.</summary>
    UnknownDType,

    /// <summary>The <c>shape</c> is not an array of integers from 0, in integer syntax.</summary>
    InvalidShape,

    /// <summary>
    /// <c>data_offsets</c> are not two integers in order, or do not continue where the tensor before ends (a hole or an overlap).
    /// </summary>
    InvalidOffset,

    /// <summary>A dimension, the number of elements or of bytes is over 2^63-1.</summary>
    ValidationOverflow,

    /// <summary>Elements of 4 or 6 bits do not fill whole bytes.</summary>
    MisalignedSlice,

    /// <summary><c>data_offsets</c> hold another number of bytes than dtype and shape need.</summary>
    TensorInvalidInfo,

    /// <summary>The tensors end before or after the end of the file.</summary>
    MetadataIncompleteBuffer,

    /// <summary>One of the other <see cref="SafeTensorLimits"/> is exceeded.</summary>
    LimitExceeded,

    /// <summary>The file is recognised as something else (<see cref="NotSafeTensorsException"/>).</summary>
    NotSafeTensors,

    /// <summary>The file became shorter after its header was read.</summary>
    TruncatedDuringRead,

    /// <summary>The file became longer after its header was read.</summary>
    ChangedDuringRead,

    /// <summary>A <c>BOOL</c> byte is neither 0 nor 1.</summary>
    InvalidBool,

    /// <summary>A value is NaN or infinite, and <see cref="SafeTensorReadOptions.CheckValues"/> was asked for.</summary>
    NonFiniteValue,

    /// <summary>A value does not fit into the type to convert to.</summary>
    ValueOutOfRange,

    /// <summary>There is no tensor of that name.</summary>
    TensorNotFound,

    /// <summary>A name to be written is not valid Unicode or is reserved.</summary>
    InvalidName,

    /// <summary>A tensor's source delivered fewer or more bytes than dtype and shape need.</summary>
    WrongByteCount,

    /// <summary>The file to be written exists and must not be replaced.</summary>
    TargetExists,

    /// <summary>An index file is not valid: not JSON, or without <c>weight_map</c>.</summary>
    InvalidIndex,

    /// <summary>A file name in an index is not a plain name in the index's own directory.</summary>
    InvalidShardName,

    /// <summary>A file that an index lists does not exist.</summary>
    MissingShard,

    /// <summary>A tensor that an index lists is not in its file.</summary>
    MissingTensor,

    /// <summary>A file holds a tensor that the index does not list.</summary>
    UnlistedTensor,

    /// <summary>Two files of a set hold a tensor of the same name.</summary>
    DuplicateTensor,
}
