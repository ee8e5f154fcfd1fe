namespace Importer.Training.Optimization;

/// <summary>The numbers of one parameter's update, as torch's <c>_single_tensor_adamw</c> has them.</summary>
/// <param name="Scale">What gradients are multiplied by: clipping.</param>
/// <param name="Keep">What is left of the parameter by decay: 1 − lr · decay.</param>
/// <param name="Beta1">Kept of the first moment.</param>
/// <param name="Beta2">Kept of the second moment.</param>
/// <param name="StepSize">The learning rate over the first moment's bias correction.</param>
/// <param name="RootCorrection">The root of the second moment's bias correction.</param>
/// <param name="Epsilon">Added to the denominator.</param>
internal readonly record struct AdamWFactors(
    double Scale, double Keep, double Beta1, double Beta2, double StepSize, double RootCorrection, double Epsilon)
{
    public static AdamWFactors For(AdamWOptions options, double weightDecay, double learningRate, double scale, long step) => new(
        scale,
        1 - learningRate * weightDecay,
        options.Beta1,
        options.Beta2,
        learningRate / (1 - Math.Pow(options.Beta1, step)),
        Math.Sqrt(1 - Math.Pow(options.Beta2, step)),
        options.Epsilon);
}
