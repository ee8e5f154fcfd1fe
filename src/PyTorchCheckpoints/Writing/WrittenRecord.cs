namespace PyTorchCheckpoints;

/// <summary>A storage to be written, and the key that it gets.</summary>
/// <param name="Key">The key: numbers from 0, in the order in which storages are first used.</param>
/// <param name="Storage">The storage.</param>
/// <param name="Tensor">The first tensor that uses it, for messages: the keys that lead to it.</param>
/// <param name="SwapSize">The bytes of an element, where they have to be turned.</param>
internal sealed record WrittenRecord(string Key, TensorStorage Storage, string Tensor, int SwapSize);
