using System.Diagnostics;
using Importer.Export;

namespace Importer.Models;

public abstract partial class PretrainedModel
{
    /// <summary>
    /// Saves the model as transformers' <c>save_pretrained</c> does, so that Python's <c>from_pretrained</c> and this library's read it; or
    /// as nanoGPT's ckpt.pt. The directory appears whole or not at all. Parameters are read where they are, a block at a time.
    /// </summary>
    /// <param name="directory">The directory to make. What is there already is left alone, unless it is an earlier export and <see cref="ExportOptions.Force"/> is set.</param>
    /// <param name="options">Layout, dtype and the rest; null for the defaults. <c>MappingFile</c> and <c>Hub</c> have no part in it.</param>
    /// <returns>What was written. A loaded model goes out with its config.json's other fields and the tokenizer's files beside it.</returns>
    /// <exception cref="ExportPlaceTakenException">The place is taken.</exception>
    /// <exception cref="UnsupportedExportException">The layout cannot express the model.</exception>
    /// <exception cref="DTypeOverflowException">The dtype cannot hold some of the numbers.</exception>
    /// <exception cref="DiskSpaceException">The disk has too little room.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public ExportResult SavePretrained(string directory, ExportOptions? options = null) =>
        SavePretrainedAsync(directory, options).GetAwaiter().GetResult();

    /// <summary>Saves the model on a thread of the pool; it must not be trained or disposed meanwhile.</summary>
    /// <inheritdoc cref="SavePretrained"/>
    /// <param name="directory">The directory to make.</param>
    /// <param name="options">Layout, dtype and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops within a block; nothing is left behind.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<ExportResult> SavePretrainedAsync(string directory, ExportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        options ??= new ExportOptions();
        options.Validate();
        return Task.Run(
            async () =>
            {
                var watch = Stopwatch.StartNew();
                using var source = ExportSource.Of(this);
                var job = new ExportJob(ExportRecipe.For(source, options), ExportPlace.Of(directory), options);
                return await job.RunAsync(watch, verifySource: null, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }
}
