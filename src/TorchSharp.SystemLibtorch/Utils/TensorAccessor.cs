using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor on the CPU, in row-major order whatever its strides are. Keeps the tensor alive.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private torch.Tensor? _tensor;
    private readonly nint _data;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
        {
            throw new InvalidOperationException(
                "Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }
        _tensor = tensor;
        _data = tensor.DataPointer;
        _shape = tensor.shape;
        _strides = tensor.stride();
        _contiguous = tensor.is_contiguous();
        Count = tensor.NumberOfElements;
    }

    public long Count { get; private set; }

    public bool IsReadOnly => false;

    /// <summary>An element by its row-major position, or by one index for each dimension.</summary>
    public unsafe T this[params long[] indices]
    {
        get
        {
            T value = *Address(indices);
            GC.KeepAlive(this);
            return value;
        }
        set
        {
            *Address(indices) = value;
            GC.KeepAlive(this);
        }
    }

    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) => left.Count == right.Count && left.SequenceEqual(right);

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

    public T[] ToArray()
    {
        var result = new T[Count];
        if (Count > 0)
            CopyTo(result);
        return result;
    }

    /// <summary>The elements in an array of the tensor's rank; a single number in an array of one.</summary>
    public unsafe Array ToNDArray()
    {
        if (_shape.Length <= 1)
            return ToArray();
        var result = Array.CreateInstance(typeof(T), _shape);
        var target = MemoryMarshal.CreateSpan(
            ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(result)),
            result.Length);
        if (Count > 0)
            CopyTo(target);
        return result;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public unsafe void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        CheckStart(tensorIndex);
        int length = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (_contiguous)
        {
            new ReadOnlySpan<T>((T*)_data + tensorIndex, Math.Max(length, 0)).CopyTo(array[arrayIndex..]);
        }
        else
        {
            for (int i = 0; i < length; i++)
                array[arrayIndex + i] = *At(tensorIndex + i);
        }
        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public unsafe void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        CheckStart(tensorIndex);
        int length = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (_contiguous)
        {
            array.Slice(arrayIndex, Math.Max(length, 0)).CopyTo(new Span<T>((T*)_data + tensorIndex, Math.Max(length, 0)));
        }
        else
        {
            for (int i = 0; i < length; i++)
                *At(tensorIndex + i) = array[arrayIndex + i];
        }
        GC.KeepAlive(_tensor);
    }

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && (other._data == _data || this == other);

    public override int GetHashCode() => base.GetHashCode();

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        _tensor = null;
        Count = 0;
    }

    internal static T ReadItemAt(torch.Tensor tensor, long index)
    {
        tensor.ValidateType(typeof(T));
        using var accessor = new TensorAccessor<T>(tensor);
        return accessor[index];
    }

    private void CheckStart(long index)
    {
        if (index < 0 || index >= Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The tensor has {Count} elements.");
    }

    private unsafe T* Address(long[] indices)
    {
        ObjectDisposedException.ThrowIf(_tensor is null, this);
        if (indices.Length == 1)
        {
            long index = indices[0];
            if (index >= Count)
                throw new IndexOutOfRangeException($"{index} in a tensor of {Count} elements.");
            CheckStart(index);
            return At(index);
        }
        long offset = 0;
        for (int i = 0; i < _shape.Length; i++)
        {
            if (indices[i] < 0 || indices[i] >= _shape[i])
                throw new IndexOutOfRangeException($"{indices[i]} >= {_shape[i]} in dimension {i}.");
            offset += indices[i] * _strides[i];
        }
        return (T*)_data + offset;
    }

    private unsafe T* At(long index)
    {
        if (_contiguous)
            return (T*)_data + index;
        long offset = 0;
        for (int i = _shape.Length - 1; i >= 0; i--)
        {
            (index, long position) = Math.DivRem(index, _shape[i]);
            offset += position * _strides[i];
        }
        return (T*)_data + offset;
    }
}
