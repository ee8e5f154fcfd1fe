using System.Security.Cryptography;
using Importer.Mapping.Checks;
using Importer.Mapping.Language;
using Importer.Mapping.Planning;
using Importer.Mapping.Problems;
using Importer.Sources;

namespace Importer.Mapping;

/// <summary>
/// A mapping table in the language <c>llmap/1</c>: which tensor of a family's checkpoints fills which parameter, and how. It has
/// been checked when it exists. <c>mappings/README.md</c> explains the language.
/// </summary>
/// <example>
/// <code>
/// WeightMapping mapping = MappingCatalog.BuiltIn.Find(config, tensors);
/// LoadPlan plan = mapping.Compile(config, tensors);
/// </code>
/// </example>
public sealed class WeightMapping
{
    /// <summary>The language's name and version, which every table says in <c>"schema"</c>.</summary>
    public const string Schema = "llmap/1";

    private readonly byte[] _utf8;

    private WeightMapping(MappingTable table, string sourceName, byte[] utf8, bool isBuiltIn, bool isImportedLayout)
    {
        IsBuiltIn = isBuiltIn;
        Table = table;
        SourceName = sourceName;
        _utf8 = utf8;
        IsImportedLayout = isImportedLayout;
    }

    /// <summary>The family that the table is for, such as <c>gpt2</c>; unique in a catalog.</summary>
    public string Family => Table.Family;

    /// <summary>The family, and that it is the layout of imported files where it is.</summary>
    public string Name => IsImportedLayout ? $"{Family} (imported)" : Family;

    /// <summary>The values of config.json's <c>model_type</c> that the table is for.</summary>
    public IReadOnlyList<string> ModelTypes => Table.Detection.ModelTypes;

    /// <summary>The table's own version, such as <c>1.0</c>; it rises whenever the table's meaning changes.</summary>
    public string Version => Table.Version;

    /// <summary>What the table says it is for; null where it says nothing.</summary>
    public string? Title => Table.Title;

    /// <summary>The file or resource that it was read from.</summary>
    public string SourceName { get; }

    /// <summary>The SHA-256 of the table's text, in small hexadecimal digits: what a manifest can hold a table by.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(_utf8));

    /// <summary>Whether this describes files that were imported with the table, see <see cref="ForImported"/>.</summary>
    public bool IsImportedLayout { get; }

    /// <summary>Whether it came with this library.</summary>
    public bool IsBuiltIn { get; }

    /// <summary>The table's text.</summary>
    internal byte[] Utf8 => _utf8;

    internal MappingTable Table { get; }

    /// <summary>What stands before the names that the table makes; nothing but where it runs backwards.</summary>
    internal KeyPrefix TargetPrefix { get; private init; } = new("", "");

    /// <summary>Reads a table from a file.</summary>
    /// <param name="path">The file: JSON, in which comments and trailing commas are allowed.</param>
    /// <exception cref="MappingTableException">It is not a valid table; all that is wrong is listed with lines and columns.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static WeightMapping Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(ReadFile(path), path);
    }

    /// <summary>Checks a table in a file, see <see cref="Check(ReadOnlySpan{byte}, string)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <returns>All problems; none for a table that <see cref="Load"/> takes.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<TableProblem> Check(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Check(ReadFile(path), path);
    }

    /// <summary>Reads a table from memory.</summary>
    /// <param name="utf8">The table's bytes.</param>
    /// <param name="sourceName">The name that messages use.</param>
    /// <exception cref="MappingTableException">It is not a valid table; all that is wrong is listed with lines and columns.</exception>
    public static WeightMapping Parse(ReadOnlySpan<byte> utf8, string sourceName)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourceName);
        return Make(utf8, sourceName, prove: true);
    }

    /// <summary>Reads a table that the tests have proved: the proofs would cost a program's start more than the rest of it.</summary>
    internal static WeightMapping ParseBuiltIn(ReadOnlySpan<byte> utf8, string sourceName) => Make(utf8, sourceName, prove: false);

    private static WeightMapping Make(ReadOnlySpan<byte> utf8, string sourceName, bool prove)
    {
        List<TableProblem> problems = [];
        MappingTable? table = Read(utf8, sourceName, prove, problems);
        return problems.Count == 0
            ? new WeightMapping(table!, sourceName, utf8.ToArray(), isBuiltIn: !prove, isImportedLayout: false)
            : throw new MappingTableException(sourceName, problems);
    }

    /// <summary>
    /// Checks a table without needing a configuration or a checkpoint: its form, that all names resolve, that no tensor is claimed
    /// and no parameter filled twice for any configuration, that operations fit shapes, that square matrices state their layout.
    /// </summary>
    /// <param name="utf8">The table's bytes.</param>
    /// <param name="sourceName">The name that messages use.</param>
    /// <returns>All problems; none for a table that <see cref="Parse"/> takes.</returns>
    public static IReadOnlyList<TableProblem> Check(ReadOnlySpan<byte> utf8, string sourceName)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourceName);
        List<TableProblem> problems = [];
        _ = Read(utf8, sourceName, prove: true, problems);
        return problems;
    }

    /// <summary>
    /// Plans the loading of a checkpoint from its headers: nothing is read. A plan is returned only if every parameter has its
    /// tensor in the right shape and every tensor of the checkpoint is accounted for.
    /// </summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="tensors">All tensors of the checkpoint, over all its files, in any order.</param>
    /// <param name="options">What to aim at; null for the defaults.</param>
    /// <exception cref="CheckpointMismatchException">Something does not fit; all of it is listed.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public LoadPlan Compile(ModelConfigValues config, IReadOnlyList<SourceTensor> tensors, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tensors);
        options ??= new PlanOptions();
        options.Validate();
        return Planner.Plan(this, config, tensors, options);
    }

    /// <summary>
    /// Plans an export: this table run backwards over a model's parameters, which come out as tensors of the layout that it reads.
    /// </summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="parameters">The model's parameters, such as the tensors of an imported file; what is tied is there once.</param>
    /// <param name="options">What to aim at; null for the defaults.</param>
    /// <exception cref="CheckpointMismatchException">The parameters are not those of the table and the configuration; all of it is listed.</exception>
    /// <exception cref="IrreversibleMappingException">The table leaves out what cannot be made again.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ExportPlan PlanExport(ModelConfigValues config, IReadOnlyList<SourceTensor> parameters, ExportPlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(parameters);
        options ??= new ExportPlanOptions();
        options.Validate(this);
        return ExportPlanner.Plan(this, config, parameters, options);
    }

    /// <summary>Says where one tensor of a checkpoint goes, or one parameter comes from, and why; also where the whole does not fit.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="tensors">All tensors of the checkpoint.</param>
    /// <param name="name">A key of the checkpoint, or the name of a parameter.</param>
    public TensorExplanation Explain(ModelConfigValues config, IReadOnlyList<SourceTensor> tensors, string name)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Explainer.Explain(this, config, tensors, name);
    }

    /// <summary>A line of the table's text, trimmed.</summary>
    internal string Line(int number) => System.Text.Encoding.UTF8.GetString(_utf8).Split('\n')[number - 1].Trim().TrimEnd(',');

    /// <summary>This table run backwards, with its keys under one prefix.</summary>
    internal WeightMapping Reversed(KeyPrefix prefix) =>
        new(ReversedTable.Of(this), SourceName, _utf8, IsBuiltIn, isImportedLayout: true) { TargetPrefix = prefix };

    /// <summary>
    /// Compares the parameters that the table fills or ties with those that a model has: both must be the same, with the same
    /// shapes. This tests a table and a model against each other; it needs no checkpoint.
    /// </summary>
    /// <param name="config">The configuration from which the model was built.</param>
    /// <param name="parameters">The model's parameters and their shapes.</param>
    /// <returns>All differences; none if they fit.</returns>
    public IReadOnlyList<MappingProblem> CheckTargets(
        ModelConfigValues config, IReadOnlyDictionary<string, IReadOnlyList<long>> parameters)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(parameters);
        return TargetChecks.Run(Table, config, parameters);
    }

    /// <summary>
    /// The mapping of files that were imported with this table: they hold every parameter under its own name and in its own layout,
    /// no prefix, nothing dropped and no second copy of what is tied. Conditions and shapes are this table's, so an imported
    /// directory is planned with the same checks as the original.
    /// </summary>
    public WeightMapping ForImported() =>
        IsImportedLayout ? this : new WeightMapping(ImportedLayout.Of(Table), SourceName, _utf8, IsBuiltIn, isImportedLayout: true);

    // One byte more than allowed is enough for the parser to refuse it.
    private static byte[] ReadFile(string path) => BoundedFile.Read(path, TableText.MaxBytes + 1);

    private static MappingTable? Read(ReadOnlySpan<byte> utf8, string sourceName, bool prove, List<TableProblem> problems)
    {
        TableText text = new(utf8, sourceName, problems);
        MappingTable? table = TableParser.Parse(text, problems);
        if (table is not null && prove)
        {
            StaticChecks.Run(table, text);
        }

        return table;
    }
}
