using System.Globalization;

namespace Importer.Training;

/// <summary>Collects what is wrong with options.</summary>
internal sealed class OptionChecks
{
    public List<ConfigurationProblem> Problems { get; } = [];

    public void When(bool wrong, string name, string message)
    {
        if (wrong)
        {
            Problems.Add(new ConfigurationProblem(name, message));
        }
    }

    /// <summary>The largest number of anything: what is counted with it, and added to it, stays a number.</summary>
    public const long Most = 1L << 53;

    public void AtLeast(string name, double? value, double least)
    {
        When(value is { } number && !(double.IsFinite(number) && number >= least), name, Text($"{name} is {value}; it must be at least {least}"));
        AtMost(name, value);
    }

    public void Positive(string name, double? value)
    {
        When(value is { } number && !(double.IsFinite(number) && number > 0), name, Text($"{name} is {value}; it must be more than 0"));
        AtMost(name, value);
    }

    /// <summary>From the one bound on to below the other.</summary>
    public void Range(string name, double value, double from, double below) =>
        When(!(value >= from && value < below), name, Text($"{name} is {value}; it must be at least {from} and less than {below}"));

    public void OneOf(string name, string value, IReadOnlyList<string> choices) =>
        When(!choices.Contains(value), name, $"{name} is '{value}'; choose {string.Join(", ", choices.SkipLast(1))} or {choices[^1]}");

    public void Text(string name, string value) => When(string.IsNullOrWhiteSpace(value), name, $"{name} is empty");

    public void Given(string name, string value) => When(value is null, name, $"{name} is null; leave it empty instead");

    private void AtMost(string name, double? value) => When(value > Most && double.IsFinite(value.Value), name, Text($"{name} is {value}; it must be at most {Most}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
