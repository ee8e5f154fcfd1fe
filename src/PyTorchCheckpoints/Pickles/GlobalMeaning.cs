namespace PyTorchCheckpoints;

/// <summary>What a name in a pickle means to the machine. There are no others.</summary>
internal enum GlobalMeaning
{
    /// <summary><c>collections.OrderedDict</c>.</summary>
    OrderedDict,

    /// <summary><c>torch._utils._rebuild_tensor</c>: storage, offset, size, stride.</summary>
    RebuildTensor,

    /// <summary><c>torch._utils._rebuild_tensor_v2</c>: as before, then requires_grad, hooks and perhaps metadata.</summary>
    RebuildTensorV2,

    /// <summary><c>torch._utils._rebuild_tensor_v3</c>: as before with a dtype before the metadata.</summary>
    RebuildTensorV3,

    /// <summary><c>torch._utils._rebuild_parameter</c>: tensor, requires_grad, hooks.</summary>
    RebuildParameter,

    /// <summary><c>torch._utils._rebuild_parameter_with_state</c>: as before, then a state that is ignored.</summary>
    RebuildParameterWithState,

    /// <summary><c>torch._tensor._rebuild_from_type_v2</c>: function, type, arguments, state.</summary>
    RebuildFromType,

    /// <summary><c>torch.Tensor</c>, only as an argument of the former.</summary>
    TensorClass,

    /// <summary><c>torch.nn.parameter.Parameter</c>, an argument of the former or an object's class.</summary>
    ParameterClass,

    /// <summary><c>torch.FloatStorage</c> and its like, only in a persistent id.</summary>
    StorageClass,

    /// <summary><c>torch.Size</c>: a tuple.</summary>
    Size,

    /// <summary><c>torch.device</c>: its text.</summary>
    Device,

    /// <summary><c>builtins.set</c>.</summary>
    Set,

    /// <summary><c>_codecs.encode</c>: how protocol 2 keeps bytes, as text in Latin-1.</summary>
    Encode,
}
