using System.Reflection;
using System.Text;

namespace Importer.Training;

/// <summary>One property of <see cref="TrainingOptions"/> under the name that files and command lines give it.</summary>
internal sealed class Setting
{
    private readonly PropertyInfo _property;

    private Setting(PropertyInfo property)
    {
        _property = property;
        Name = NameOf(property.Name);
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        IsNullable = Nullable.GetUnderlyingType(property.PropertyType) is not null
            || new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
    }

    /// <summary>All settings, in the order in which they are declared.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        .. typeof(TrainingOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
            .OrderBy(property => property.MetadataToken).Select(property => new Setting(property)),
    ];

    /// <summary>The settings by name.</summary>
    public static IReadOnlyDictionary<string, Setting> ByName { get; } = All.ToDictionary(setting => setting.Name);

    /// <summary>The name, with underscores: <c>n_layer</c>.</summary>
    public string Name { get; }

    /// <summary>string, bool, int, long or double.</summary>
    public Type Type { get; }

    /// <summary>Whether null is a value: what decides itself elsewhere.</summary>
    public bool IsNullable { get; }

    public object? Get(TrainingOptions options) => _property.GetValue(options);

    /// <summary>Sets the value in options that nobody else has.</summary>
    public void Set(TrainingOptions options, object? value) => _property.SetValue(options, value);

    /// <summary>A name as it may be written, with underscores: <c>N-Layer</c> and <c>--n_layer</c> are <c>n_layer</c>.</summary>
    public static string Normalize(string written) => written.TrimStart('-').Replace('-', '_').ToLowerInvariant();

    private static string NameOf(string property)
    {
        var name = new StringBuilder();
        foreach (char c in property)
        {
            if (char.IsUpper(c) && name.Length > 0)
            {
                name.Append('_');
            }

            name.Append(char.ToLowerInvariant(c));
        }

        return name.ToString();
    }
}
