namespace Importer.Training;

/// <summary>Tells a run's listener, in its language.</summary>
internal sealed class RunLog(IProgress<RunMessage>? listener, string language)
{
    private readonly bool _isChinese = language.StartsWith("zh", StringComparison.OrdinalIgnoreCase);

    public void Say(string text) => listener?.Report(new RunMessage(RunMessageKind.Info, text));

    public void Warn(string text) => listener?.Report(new RunMessage(RunMessageKind.Warning, text));

    /// <summary>Weights were found and are loaded.</summary>
    public void Found(string path, string sha256) => listener?.Report(new RunMessage(RunMessageKind.WeightsFound, _isChinese
        ? $"发现已有权重文件,加载中:{DisplayText.Escape(path)}(第 0 步,sha256 {sha256})"
        : $"Weights found, loading: {DisplayText.Escape(path)} (step 0, sha256 {sha256})"));

    /// <summary>A checkpoint was loaded.</summary>
    public void Resumed(string path, long step, string sha256) => listener?.Report(new RunMessage(RunMessageKind.Resumed, _isChinese
        ? FormattableString.Invariant($"权重加载完成,继续训练:{DisplayText.Escape(path)}(第 {step} 步,sha256 {sha256})")
        : FormattableString.Invariant($"Weights loaded, continuing: {DisplayText.Escape(path)} (step {step}, sha256 {sha256})")));

    /// <summary>There is nothing to load.</summary>
    public void Scratch(string path) => listener?.Report(new RunMessage(RunMessageKind.FromScratch, _isChinese
        ? $"未发现已有权重文件,从头开始训练:{DisplayText.Escape(path)}(第 0 步)"
        : $"No weights found, training from scratch: {DisplayText.Escape(path)} (step 0, no sha256)"));
}
