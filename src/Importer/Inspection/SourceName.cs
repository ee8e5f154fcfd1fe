using Importer.IO;
using Importer.Sources;

namespace Importer.Inspection;

/// <summary>What a checkpoint is called in a result.</summary>
internal static class SourceName
{
    /// <summary>Its id on the hub, or the full path of what was named: the directory, or one of several files in it.</summary>
    public static string Of(ModelDirectory directory, string idOrPath) =>
        directory.Id ?? (FileFacts.TryOf(idOrPath).Kind == FileKind.File ? Path.GetFullPath(idOrPath) : directory.Path);
}
