using System.Globalization;

namespace Streaming.Host;

/// <summary>A scenario in words: what is about to happen, and what driftd has to make of it.</summary>
internal static class DemoStory
{
    /// <summary>What the audience is told before it begins.</summary>
    public static IEnumerable<string> Opening(Scenario scenario)
    {
        switch (scenario.Kind)
        {
            case ScenarioKind.Credit:
                yield return "A credit-scoring model meets a recession: applicants look as before, but fewer of those it trusts repay.";
                yield return Text($"From event {scenario.FirstChanged + 1:N0} on its error rate is {scenario.LowestError + scenario.Shift:P0} instead of {scenario.LowestError:P0}. driftd is not told.");
                break;
            case ScenarioKind.Seasonal:
                yield return Text($"A credit-scoring model through {Scenario.Cycles} days: who applies changes with the hour, but not how they repay.");
                yield return Text($"driftd learns from the first day what is normal, and has to stay quiet. Error rates: {Rates(scenario)}.");
                break;
            default:
                yield return "A credit-scoring model in quiet times: nothing changes.";
                yield return Text($"driftd has to stay quiet although partitions differ. Error rates: {Rates(scenario)}.");
                break;
        }
    }

    private static string Rates(Scenario scenario) => scenario.Partitions == 1
        ? Text($"{new EventGenerator(scenario).ErrorRates[0]:P0}")
        : Text($"{new EventGenerator(scenario).ErrorRates.Min():P0} to {new EventGenerator(scenario).ErrorRates.Max():P0} by partition");

    private static string Text(FormattableString text) => text.ToString(Format);

    /// <summary>Numbers as the demo writes them: 12,000 and 11 %.</summary>
    public static CultureInfo Format { get; } = CultureInfo.ReadOnly(new CultureInfo("") { NumberFormat = { PercentPositivePattern = 0 } });
}
