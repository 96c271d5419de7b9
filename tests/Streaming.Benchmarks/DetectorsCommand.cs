using System.Globalization;
using System.Text;
using Streaming.Drift;
using Streaming.Host;

namespace Streaming.Benchmarks;

/// <summary>Measures how soon each detector finds a change of an error rate, and how often it alarms where nothing changes.</summary>
internal static class DetectorsCommand
{
    private const int Stable = 2_000;
    private const int Changed = 2_000;

    public static int Run(string[] words)
    {
        var options = Usage.Options(words, "--detector", "--seeds", "--values");
        if (options is null)
        {
            return Usage.Print();
        }

        var (seeds, values, only) = (options.Number("--seeds", 30), options.Number("--values", 1_000_000), options.GetValueOrDefault("--detector"));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"""
            Bernoulli, {seeds} seeds: rate 0.2 for {Stable:N0} values, then 0.8 (abrupt) or a rise of 0.001 a value up to 0.8 (gradual), {Changed:N0} values. Delay: median values from the beginning of
            the change to the first drift; missed: seeds without one; false: drifts before the change. Alarms: drifts in {values:N0} values with rate 0.2. All detectors at their defaults.

            | detector | abrupt: delay | missed | false | gradual: delay | missed | false | alarms per million |
            |---|--:|--:|--:|--:|--:|--:|--:|

            """);
        foreach (var name in DetectorSpec.Names.Where(name => only is null || name == only))
        {
            Console.Error.Write('.');
            var (abrupt, gradual) = (Changes(name, seeds, step: 1), Changes(name, seeds, step: 0.001));
            var alarms = Quiet(name, values);
            text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {abrupt} | {gradual} | {alarms * 1e6 / values:0} |\n");
        }

        Results.Write("detectors", words, text.ToString(), save: only is null);
        return 0;
    }

    private static string Changes(string name, int seeds, double step)
    {
        var (delays, falseAlarms) = (new List<int>(), 0);
        for (var seed = 1; seed <= seeds; seed++)
        {
            var (detector, random, delay) = (DetectorSpec.Parse(name).Options.Create(), new SplitMix64((ulong)seed), -1);
            for (var i = 0; i < Stable + Changed && delay < 0; i++)
            {
                var rate = i < Stable ? 0.2 : Math.Min(0.8, 0.2 + (step * (i - Stable + 1)));
                if (detector.Update(random.Uniform() < rate ? 1 : 0) != DriftLevel.Drift)
                {
                    continue;
                }

                (falseAlarms, delay) = i < Stable ? (falseAlarms + 1, -1) : (falseAlarms, i - Stable);
            }

            if (delay >= 0)
            {
                delays.Add(delay);
            }
        }

        delays.Sort();
        var median = delays.Count == 0 ? "–" : delays[delays.Count / 2].ToString("N0", CultureInfo.InvariantCulture);
        return $"{median} | {seeds - delays.Count} | {falseAlarms}";
    }

    private static long Quiet(string name, int count)
    {
        var (detector, random, alarms) = (DetectorSpec.Parse(name).Options.Create(), new SplitMix64(99), 0L);
        for (var i = 0; i < count; i++)
        {
            alarms += detector.Update(random.Uniform() < 0.2 ? 1 : 0) == DriftLevel.Drift ? 1 : 0;
        }

        return alarms;
    }
}
