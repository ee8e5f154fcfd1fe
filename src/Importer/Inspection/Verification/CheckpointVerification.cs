using System.Text.Json.Nodes;

namespace Importer.Inspection.Verification;

/// <summary>What verifying a checkpoint on disk found.</summary>
public sealed record CheckpointVerification
{
    /// <summary>The directory.</summary>
    public required string Directory { get; init; }

    /// <summary>What it is, and so against what it was verified.</summary>
    public required VerifiedKind Kind { get; init; }

    /// <summary>The files that were looked at.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes that were compared with a hash or checksum.</summary>
    public required long BytesHashed { get; init; }

    /// <summary>The tensors in the headers.</summary>
    public required int Tensors { get; init; }

    /// <summary>Everything that is wrong.</summary>
    public required IReadOnlyList<VerificationProblem> Problems { get; init; }

    /// <summary>What is odd without being wrong, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsIntact => Problems.Count == 0;

    /// <summary>
    /// The result as a JSON document. Its fields are stable: further ones may come, none goes or changes its meaning.
    /// </summary>
    public JsonObject ToJson() => new()
    {
        ["directory"] = Directory,
        ["kind"] = Kind.ToString().ToLowerInvariant(),
        ["intact"] = IsIntact,
        ["files"] = Files,
        ["bytes_hashed"] = BytesHashed,
        ["tensors"] = Tensors,
        ["problems"] = new JsonArray([.. Problems.Select(problem => (JsonNode)new JsonObject
        {
            ["kind"] = problem.Kind.ToString().ToLowerInvariant(), ["file"] = problem.File, ["message"] = problem.Message,
        })]),
        ["notes"] = new JsonArray([.. Notes.Select(text => (JsonNode)text)]),
    };
}
