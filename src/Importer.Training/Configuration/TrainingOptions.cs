namespace Importer.Training;

/// <summary>
/// What a training run is told. Names and defaults are nanoGPT's train.py where it has them; a setting's spelling in a file
/// or on a command line is the property's name in kebab case or with underscores.
/// </summary>
/// <remarks>
/// <see cref="Validate"/> is called by everything that takes options. Null is no value but a decision left to something else, which
/// the property's comment names: the checkpoint or the pretrained model (layers, heads, width, block size, bias, vocabulary), the data,
/// another setting, or the machine. What is recorded with a run are its options as they were given, nulls included; what came of them
/// is recorded beside them.
/// </remarks>
public sealed partial record TrainingOptions
{
    // -- where from and where to

    /// <summary>
    /// What the run begins with: <c>scratch</c>, <c>resume</c>, <c>auto</c>, a hub id or a directory with a model.
    /// <value>The default is <c>scratch</c>.</value>
    /// </summary>
    public string InitFrom { get; init; } = "scratch";

    /// <summary>
    /// What <c>auto</c> begins with where there is no checkpoint yet: <c>scratch</c>, a hub id or a directory with a model.
    /// <value>The default is <c>scratch</c>.</value>
    /// </summary>
    public string AutoInitFrom { get; init; } = "scratch";

    /// <summary>The run's directory: checkpoints, metrics and logs. <value>The default is <c>out</c>.</value></summary>
    public string OutDir { get; init; } = "out";

    /// <summary>
    /// What to train on: a text file, a file of JSON lines, a directory with <c>train.bin</c> and <c>val.bin</c>, or one that
    /// <c>prepare</c> has written. <value>The default is empty: <see cref="ValidateRun"/> asks for it.</value>
    /// </summary>
    public string Data { get; init; } = "";

    /// <summary>Whether a fresh run may begin in a directory that holds another's checkpoints. <value>The default is false.</value></summary>
    public bool Overwrite { get; init; }

    // -- the model; null is what the checkpoint says, and nanoGPT's default from scratch

    /// <summary>Transformer blocks. <value>From scratch: 12.</value></summary>
    public int? NLayer { get; init; }

    /// <summary>Attention heads. <value>From scratch: 12.</value></summary>
    public int? NHead { get; init; }

    /// <summary>The width of the residual stream. <value>From scratch: 768.</value></summary>
    public int? NEmbd { get; init; }

    /// <summary>The context in tokens; smaller than the checkpoint's crops it. <value>From scratch: 1024.</value></summary>
    public int? BlockSize { get; init; }

    /// <summary>Whether linear layers and norms have biases. <value>From scratch: false.</value></summary>
    public bool? Bias { get; init; }

    /// <summary>Rows of the token embedding. <value>From scratch: what the data's tokenizer has, else 50304.</value></summary>
    public int? VocabSize { get; init; }

    /// <summary>Dropout in training, 0 to 1. <value>The default is 0.</value></summary>
    public double Dropout { get; init; }

    // -- batches

    /// <summary>Windows per micro-step. <value>The default is 12.</value></summary>
    public int BatchSize { get; init; } = 12;

    /// <summary>Micro-steps per update. <value>The default is 40.</value></summary>
    public int GradientAccumulationSteps { get; init; } = 40;

    /// <summary>
    /// How windows are drawn: <c>epoch</c>, each once per epoch, or <c>random</c>, nanoGPT's.
    /// <value>The default is <c>epoch</c>; <see cref="NanogptCompat"/> makes it <c>random</c>.</value>
    /// </summary>
    public string Sampler { get; init; } = "epoch";

    /// <summary>The seed of everything random. <value>The default is 1337.</value></summary>
    public long Seed { get; init; } = 1337;

    // -- how long

    /// <summary>Updates in all. <value>The default is 600000; null where <see cref="Epochs"/> decides.</value></summary>
    public long? MaxIters { get; init; }

    /// <summary>Passes over the data, instead of <see cref="MaxIters"/>. <value>The default, null, leaves it to that.</value></summary>
    public double? Epochs { get; init; }

    /// <summary>Stops, resumable, after so many epochs of this process. <value>The default, null, does not.</value></summary>
    public double? StopAfterEpochs { get; init; }

    /// <summary>Stops, resumable, after so many minutes of this process. <value>The default, null, does not.</value></summary>
    public double? MaxMinutes { get; init; }

    /// <summary>Evaluations without a better validation loss after which the run ends. <value>The default, null: never.</value></summary>
    public int? EarlyStoppingPatience { get; init; }

    // -- optimizer

    /// <summary>The highest learning rate. <value>The default is 6e-4.</value></summary>
    public double LearningRate { get; init; } = 6e-4;

    /// <summary>Decay of matrices and embeddings. <value>The default is 0.1.</value></summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>AdamW's first coefficient. <value>The default is 0.9.</value></summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's second coefficient. <value>The default is 0.95.</value></summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>The largest norm of all gradients; 0 does not clip. <value>The default is 1.</value></summary>
    public double GradClip { get; init; } = 1;

    /// <summary>Whether the learning rate falls by a cosine. <value>The default is true.</value></summary>
    public bool DecayLr { get; init; } = true;

    /// <summary>Updates over which the learning rate rises. <value>The default is 2000.</value></summary>
    public long WarmupIters { get; init; } = 2000;

    /// <summary>The update at which <see cref="MinLr"/> is reached. <value>The default, null, is the length of the run; 600000 with <see cref="NanogptCompat"/>.</value></summary>
    public long? LrDecayIters { get; init; }

    /// <summary>The lowest learning rate. <value>The default is 6e-5.</value></summary>
    public double MinLr { get; init; } = 6e-5;

    // -- evaluation and log

    /// <summary>Updates between evaluations. <value>The default is 2000.</value></summary>
    public long EvalInterval { get; init; } = 2000;

    /// <summary>Batches per evaluated split. <value>The default is 200.</value></summary>
    public int EvalIters { get; init; } = 200;

    /// <summary>Evaluates once and ends. <value>The default is false.</value></summary>
    public bool EvalOnly { get; init; }

    /// <summary>Updates between lines of the log. <value>The default is 1.</value></summary>
    public long LogInterval { get; init; } = 1;

    /// <summary>Whether <c>metrics.jsonl</c> is written in the run's directory. <value>The default is true.</value></summary>
    public bool Metrics { get; init; } = true;

    /// <summary>Whether TensorBoard's event files are written, in <c>tensorboard</c> in the run's directory. <value>The default is true.</value></summary>
    public bool Tensorboard { get; init; } = true;

    // -- device

    /// <summary>The device: <c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>. <value>The default is <c>auto</c>.</value></summary>
    public string Device { get; init; } = "auto";

    /// <summary>The dtype of the computation: <c>float32</c> or <c>bfloat16</c>; the master weights are f32. <value>The default is <c>float32</c>.</value></summary>
    public string Dtype { get; init; } = "float32";

    /// <summary>Threads of the CPU's kernels; what a run has begun with stays, because it changes the last bits. <value>The default, null, is the machine's choice.</value></summary>
    public int? Threads { get; init; }

    // -- checkpoints

    /// <summary>
    /// Updates between checkpoints, or <c>auto</c>: a fifteenth of the run. <value>The default, null, is
    /// <see cref="EvalInterval"/>, after each evaluation, as nanoGPT has it.</value>
    /// </summary>
    public string? SaveInterval { get; init; }

    /// <summary>Minutes between checkpoints, besides. <value>The default, null: none.</value></summary>
    public double? SaveEveryMinutes { get; init; }

    /// <summary>Whether the interval halves near the end. <value>The default is false.</value></summary>
    public bool SaveAdaptive { get; init; }

    /// <summary>The least interval that <see cref="SaveAdaptive"/> comes to. <value>The default is 10.</value></summary>
    public long SaveIntervalMin { get; init; } = 10;

    /// <summary>Whether there is a checkpoint of the run before its first update, too. <value>The default is false.</value></summary>
    public bool SaveAtStart { get; init; }

    /// <summary>Whether a checkpoint is saved after each evaluation, not only at the best. <value>The default is true.</value></summary>
    public bool AlwaysSaveCheckpoint { get; init; } = true;

    /// <summary>Newest checkpoints that are kept. <value>The default is 2; null keeps all.</value></summary>
    public int? KeepLast { get; init; } = 2;

    /// <summary>Every checkpoint whose step is a multiple is kept, too. <value>The default, null: none.</value></summary>
    public long? KeepEvery { get; init; }

    /// <summary>Checkpoints with the best validation loss that are kept, too. <value>The default is 1.</value></summary>
    public int KeepBest { get; init; } = 1;

    /// <summary>
    /// Whether writing overlaps with training: a copy of the state is written beside the updates, on the processor so slowly that they
    /// lose 5 % to it at most, and at full speed as soon as something waits for it. <value>The default is false.</value>
    /// </summary>
    public bool AsyncSave { get; init; }

    /// <summary>What a failed save does: <c>retry</c>, <c>continue</c> or <c>stop</c>. <value>The default is <c>retry</c>, then stop.</value></summary>
    public string OnSaveError { get; init; } = "retry";

    /// <summary>What too little disk space is before a run: <c>error</c>, <c>warn</c> or <c>off</c>. <value>The default is <c>error</c>.</value></summary>
    public string DiskCheck { get; init; } = "error";

    // -- resume

    /// <summary>Which checkpoint <c>resume</c> takes: <c>latest</c>, <c>best</c>, an id or a path. <value>The default, null, is <c>latest</c>.</value></summary>
    public string? ResumeFrom { get; init; }

    /// <summary>The step to resume from. <value>The default is null.</value></summary>
    public long? ResumeStep { get; init; }

    /// <summary>The epoch whose end to resume from. <value>The default is null.</value></summary>
    public double? ResumeEpoch { get; init; }

    /// <summary>Whether another version, device or thread count refuses a resume rather than warns. <value>The default is false.</value></summary>
    public bool Strict { get; init; }

    /// <summary>Whether a run may go on with data that changed. <value>The default is false.</value></summary>
    public bool AllowDataChange { get; init; }

    /// <summary>The learning rate of a run that became longer: <c>keep</c>, <c>rescale</c> or <c>constant</c>. <value>The default is <c>keep</c>.</value></summary>
    public string LrScheduleOnExtend { get; init; } = "keep";

    /// <summary>Reproduces nanoGPT's quirks. <value>The default is false.</value></summary>
    public bool NanogptCompat { get; init; }
}
