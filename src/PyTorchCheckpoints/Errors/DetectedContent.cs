namespace PyTorchCheckpoints;

/// <summary>What a file that is not a checkpoint of tensors was recognised as.</summary>
public enum DetectedContent
{
    /// <summary>A TorchScript program (<c>torch.jit.save</c>).</summary>
    TorchScript,

    /// <summary>A tar archive, such as PyTorch 0.1.1 wrote.</summary>
    Tar,

    /// <summary>A pickled model or module instead of its state dict.</summary>
    WholeModel,

    /// <summary>A Python pickle that PyTorch did not write.</summary>
    Pickle,

    /// <summary>A zip archive without <c>data.pkl</c>.</summary>
    Zip,

    /// <summary>A safetensors file under another name.</summary>
    SafeTensors,

    /// <summary>A Git LFS pointer: a few lines of text that stand for the real file.</summary>
    GitLfsPointer,

    /// <summary>An HTML or XML document, usually an error page saved in place of a download.</summary>
    Html,

    /// <summary>A GGUF file (llama.cpp).</summary>
    Gguf,

    /// <summary>A gzip archive.</summary>
    Gzip,

    /// <summary>An HDF5 file (Keras, TensorFlow).</summary>
    Hdf5,

    /// <summary>A NumPy array file.</summary>
    Numpy,

    /// <summary>A JSON text, such as the index of a sharded checkpoint.</summary>
    Json,

    /// <summary>Nothing but zeros where the content should be, as an unfinished download leaves it.</summary>
    Zeros,

    /// <summary>An empty file.</summary>
    Empty,

    /// <summary>A pipe, a device or another file without positions to read from.</summary>
    NotSeekable,

    /// <summary>None of the above.</summary>
    Unknown,
}
