using HuggingFace.Hub.Client;
using Importer.Conversion;

namespace Importer.Cli.Output.Progress;

/// <summary>Who is told how far the work has come; null where nobody watches.</summary>
internal sealed record ProgressListeners(IProgress<HubProgress>? Download, IProgress<ImportProgress>? Import);
