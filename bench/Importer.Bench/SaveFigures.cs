namespace Importer.Bench;

/// <summary>What saves in the background cost.</summary>
/// <param name="Cost">The part by which the updates beside a save are slower than as many without, the wait for the copy included.</param>
/// <param name="Rounds">The same of each round, without that wait: how far chance goes.</param>
/// <param name="StepSeconds">An update without a save beside it.</param>
/// <param name="WaitSeconds">For how long the updates wait until the whole state is copied.</param>
/// <param name="WholeSeconds">How long a whole checkpoint takes at the pace of what was saved.</param>
/// <param name="Steps">Updates beside saves; there were as many without.</param>
/// <param name="SavedBytes">What a round saved.</param>
/// <param name="WholeBytes">What a whole checkpoint has.</param>
internal sealed record SaveFigures(
    double Cost, double[] Rounds, double StepSeconds, double WaitSeconds, double WholeSeconds, int Steps, long SavedBytes, long WholeBytes);
