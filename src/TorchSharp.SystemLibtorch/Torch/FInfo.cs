namespace TorchSharp;

public static partial class torch
{
    /// <summary>The numeric limits of a floating point dtype.</summary>
    public struct FInfo
    {
        public int bits;
        public double eps;
        public double max;
        public double min;
        public double tiny;
        public double smallest_normal;
        public double resolution;
    }
}
