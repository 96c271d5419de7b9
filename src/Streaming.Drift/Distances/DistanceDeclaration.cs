namespace Streaming.Drift;

/// <summary>What a distance says of itself.</summary>
/// <param name="Name">As in <see cref="DistanceSpec"/>.</param>
/// <param name="Measures">What it measures, as a formula or in words.</param>
/// <param name="Unit">Unit of the statistic.</param>
/// <param name="Range">Range of the statistic.</param>
/// <param name="Law">Where its p-value comes from, or its scale without drift where it has none.</param>
/// <param name="Source">Paper or book.</param>
/// <param name="Options">Its options.</param>
public sealed record DistanceDeclaration(
    string Name, string Measures, string Unit, string Range, string Law, string Source, IReadOnlyList<DistanceOption> Options);

/// <summary>One option of a distance.</summary>
/// <param name="Key">As one writes it.</param>
/// <param name="Meaning">What it decides.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Range">What is allowed.</param>
/// <param name="Default">What holds where it is not given.</param>
public sealed record DistanceOption(string Key, string Meaning, string Unit, string Range, string Default)
{
    // declared once, for reading and for listing
    internal static DistanceOption<int> Whole(string key, int standard, int least, int most, string unit, string meaning) => new(
        new(key, meaning, unit, Invariant($"{least} to {most}"), Invariant($"{standard}")), options => options.Whole(key, standard, least, most));

    internal static DistanceOption<double> Number(string key, double standard, double least, double most, string unit, string meaning) => new(
        new(key, meaning, unit, most == double.MaxValue ? least == double.MinValue ? "any" : Invariant($"at least {least}") : Invariant($"{least} to {most}"), Invariant($"{standard}")),
        options => options.Number(key, standard, least, most));

    internal static DistanceOption<T> Choice<T>(string key, T standard, string meaning)
        where T : struct, Enum => new(
        new(key, meaning, "none", string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant(), standard.ToString().ToLowerInvariant()),
        options => options.Choice(key, standard));

    internal static DistanceOption<bool> Truth(string key, bool standard, string meaning) => new(
        new(key, meaning, "none", "true, false", standard ? "true" : "false"), options => options.Truth(key) ?? standard);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>A declared option and how it is read.</summary>
internal sealed record DistanceOption<T>(DistanceOption Declared, Func<SpecOptions, T> Read);
