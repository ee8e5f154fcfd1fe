using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op AdvancedIndex = "aten::index.Tensor", IndexPut_ = "aten::index_put_";

        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => index_put_(value, [i1]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, [i1, i2]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => index_put_(value, [i1, i2, i3]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(i1, i2, i3, i4);
            set => index_put_(value, [i1, i2, i3, i4]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => index(Array.ConvertAll(indices, i => TensorIndex.Single(i)));
            set => index_put_(value, Array.ConvertAll(indices, i => TensorIndex.Single(i)));
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var view = ApplyViews(indices, out var advanced);
            if (advanced is null)
                return view;
            using (view)
                return AdvancedIndex.Call(view, Arg.OptionalTensors(advanced));
        }

        public Tensor index(params Tensor[] indices) => index(Array.ConvertAll(indices, TensorIndex.Tensor));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            using var view = ApplyViews(indices, out var advanced);
            if (accumulate && advanced is null)
                throw new ArgumentException("To accumulate, an index must be a tensor.", nameof(indices));
            if (advanced is null)
            {
                using var source = WithoutLeadingOnes(value, view.Dimensions);
                view.copy_(source);
            }
            else
            {
                IndexPut_.Run(view, Arg.OptionalTensors(advanced), value, accumulate);
            }
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor), false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor), accumulate);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var fill = full(Array.Empty<long>(), value, dtype, device);
            return index_put_(fill, indices, false);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor));

        /// <summary>
        /// The view that all indices but tensors select, and the tensors in the positions that index takes them at;
        /// null if there is none.
        /// </summary>
        private Tensor ApplyViews(TensorIndex[] indices, out Tensor?[]? advanced)
        {
            var view = Share();
            List<Tensor?>? tensors = null;
            int dimension = 0;
            for (int i = 0; i < indices.Length; i++)
            {
                ref readonly var index = ref indices[i];
                switch (index.Kind)
                {
                    case TensorIndexKind.Single:
                        Replace(ref view, view.select(dimension, index.Start ?? 0));
                        break;
                    case TensorIndexKind.Slice:
                        Replace(ref view, Slice.Call(view, dimension++, index.Start, index.Stop, index.Step ?? 1));
                        break;
                    case TensorIndexKind.Ellipsis:
                        dimension += (int)Dimensions - SpecifiedDimensions(indices);
                        break;
                    case TensorIndexKind.None:
                        Replace(ref view, view.unsqueeze(dimension++));
                        break;
                    case TensorIndexKind.Bool:
                        // True keeps the new dimension of size one, false empties it.
                        Replace(ref view, view.unsqueeze(dimension));
                        Replace(ref view, view.narrow(dimension++, 0, index.Start!.Value));
                        break;
                    case TensorIndexKind.Tensor:
                        var tensor = index.Indices ?? throw new ArgumentNullException(nameof(indices));
                        tensors ??= [];
                        while (tensors.Count < dimension)
                            tensors.Add(null);
                        tensors.Add(tensor);
                        dimension++;
                        break;
                }
            }
            advanced = tensors?.ToArray();
            return view;
        }

        private static bool IsMask(Tensor tensor) => tensor.dtype is ScalarType.Bool or ScalarType.Byte;

        private static int SpecifiedDimensions(TensorIndex[] indices)
        {
            int dimensions = 0;
            foreach (ref readonly var index in indices.AsSpan())
            {
                dimensions += index.Kind switch
                {
                    TensorIndexKind.Single or TensorIndexKind.Slice => 1,
                    TensorIndexKind.Tensor => IsMask(index.Indices!) ? (int)index.Indices!.Dimensions : 1,
                    _ => 0,
                };
            }
            return dimensions;
        }

        private static void Replace(ref Tensor view, Tensor next)
        {
            view.Dispose();
            view = next;
        }

        /// <summary>PyTorch assigns a (1, 1, n) tensor to an (n) slice: dimensions of size one in front do not count.</summary>
        private static Tensor WithoutLeadingOnes(Tensor value, long dimensions)
        {
            var shape = value.shape;
            int skip = 0;
            while (shape.Length - skip > dimensions && shape[skip] == 1)
                skip++;
            return skip == 0 ? value.Share() : value.view(shape[skip..]);
        }
    }
}
