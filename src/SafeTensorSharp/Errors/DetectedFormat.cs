namespace SafeTensorSharp;

/// <summary>What a file that is not safetensors was recognised as.</summary>
public enum DetectedFormat
{
    /// <summary>A Git LFS pointer: a few lines of text that stand for the real file.</summary>
    GitLfsPointer,

    /// <summary>An HTML or XML document, usually an error page saved in place of a download.</summary>
    Html,

    /// <summary>A zip archive, such as PyTorch writes since version 1.6.</summary>
    Zip,

    /// <summary>A Python pickle, such as PyTorch wrote before version 1.6.</summary>
    Pickle,

    /// <summary>A GGUF file (llama.cpp).</summary>
    Gguf,

    /// <summary>A gzip archive.</summary>
    Gzip,

    /// <summary>An HDF5 file (Keras, TensorFlow).</summary>
    Hdf5,

    /// <summary>A NumPy array file.</summary>
    Numpy,

    /// <summary>A JSON text, such as the index of a sharded set.</summary>
    Json,

    /// <summary>A safetensors file whose header length was written in big-endian order.</summary>
    BigEndianLength,

    /// <summary>Nothing but zeros where the header should be, as an unfinished download leaves it.</summary>
    Zeros,

    /// <summary>A pipe, a device or another file without positions to read from.</summary>
    NotSeekable,
}
