using System.Text;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Shape, dtype and device, for example "[2x3], type = Float32, device = cpu".</summary>
        public override string ToString()
        {
            if (IsInvalid)
                return "";
            var text = new StringBuilder("[").AppendJoin('x', shape).Append(']');
            return text.Append(", type = ").Append(dtype).Append(", device = ").Append(device).ToString();
        }
    }
}
