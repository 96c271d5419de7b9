using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Streaming.Host;

namespace Streaming.Benchmarks;

/// <summary>Measures what the default set-up finds, how soon, and how often it is wrong.</summary>
internal static class ScenariosCommand
{
    private static readonly string[] Names = ["credit", "stable", "seasonal", "seasonal-fast", "sticky"];

    public static int Run(string[] words)
    {
        var options = Usage.Options(words, "--scenario", "--seeds", "--first-seed", "--events");
        if (options is null || (options.TryGetValue("--scenario", out var name) && !Names.Contains(name)))
        {
            return Usage.Print();
        }

        var (seeds, first, events) = (options.Number("--seeds", 20), options.Number("--first-seed", 2_001), options.Number("--events", 200_000));
        var only = options.GetValueOrDefault("--scenario");
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Seeds {first} to {first + seeds - 1}, {events:N0} events each.\n");
        if (only is null or "credit")
        {
            Credit(text, seeds, first, events);
        }

        if (only is not "credit")
        {
            Quiet(text, only is null ? Names[1..] : [only], seeds, first, events);
        }

        Results.Write("scenarios", words, text.ToString(), save: only is null);
        return 0;
    }

    private static void Credit(StringBuilder text, int seeds, int first, int events)
    {
        text.Append(
            """

            ### A change: `credit`

            The error rate of every partition rises at once after about half of the events. Delay: events of all partitions from the change to the trigger.

            | base error | rise | partitions | found | median delay | worst delay | false triggers before the change |
            |--:|--:|--:|--:|--:|--:|--:|

            """);
        foreach (var (error, shift, partitions) in
            from error in (double[])[0.02, 0.11] from shift in (double[])[0.03, 0.09, 0.18] from partitions in (int[])[1, 4, 12] select (error, shift, partitions))
        {
            var runs = RunAll(seeds, first, seed => new Scenario
            {
                Kind = ScenarioKind.Credit,
                Seed = seed,
                Events = events,
                Partitions = partitions,
                LowestError = error,
                HighestError = error,
                Shift = shift,

                // not always at the same place within a pane
                ChangeAt = (events / 2) + (long)(new SplitMix64(seed).Next() % 4_096),
            });
            var delays = runs.Select(static run => run.Delay).OfType<long>().Order().ToArray();
            text.Append(CultureInfo.InvariantCulture,
                $"| {error:P0} | +{shift * 100:0} points | {partitions} | {delays.Length} of {seeds} | {Median(delays)} | {(delays.Length > 0 ? delays[^1].ToString("N0", CultureInfo.InvariantCulture) : "–")} | {runs.Sum(static run => run.FalseTriggers)} |\n");
        }
    }

    private static void Quiet(StringBuilder text, string[] names, int seeds, int first, int events)
    {
        text.Append(
            """

            ### No change: `stable`, `seasonal`, `sticky`

            Error rates of 5–20 % by partition. Nothing of what is counted here should be: entries into Drift by stream and detector, and triggers.

            | scenario | partitions | events | event time | entries into Drift | most of one stream | triggers | which |
            |---|--:|--:|--:|--:|--:|--:|---|

            """);
        foreach (var (name, partitions) in from name in names from partitions in (int[])[1, 12] select (name, partitions))
        {
            var runs = RunAll(seeds, first, seed => new Scenario
            {
                Kind = Enum.Parse<ScenarioKind>(name.Split('-')[0], ignoreCase: true),
                Seed = seed,
                Events = events,
                Partitions = partitions,
                LowestError = 0.05,
                HighestError = 0.2,
                Lasts = name == "seasonal" ? TimeSpan.FromDays(Scenario.Cycles) : null,
            });
            var drifts = runs.SelectMany(static run => run.Drifts).ToArray();
            var most = drifts.GroupBy(static drift => drift.Stream).Select(static stream => stream.Count()).DefaultIfEmpty().Max();
            var which = drifts.GroupBy(static drift => $"{drift.Stream} {drift.Detector}").OrderByDescending(static group => group.Count())
                .Select(static group => $"{group.Key} {group.Count()}");
            text.Append(CultureInfo.InvariantCulture,
                $"| {name} | {partitions} | {(long)seeds * events:N0} | {TimeSpan.FromMilliseconds(runs.Sum(static run => run.Scenario.Milliseconds)):d\\.hh\\:mm} | {drifts.Length} | {most} | {runs.Sum(static run => run.Triggers.Count)} | {string.Join(", ", which)} |\n");
        }
    }

    private static ScenarioRun[] RunAll(int seeds, int first, Func<ulong, Scenario> scenarioOf)
    {
        var runs = new ConcurrentBag<ScenarioRun>();
        Console.Error.Write('.');
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed => runs.Add(ScenarioRun.Of(scenarioOf((ulong)(first + seed)))));
        return [.. runs];
    }

    private static string Median(long[] sorted) =>
        sorted.Length == 0 ? "–" : ((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2).ToString("N0", CultureInfo.InvariantCulture);
}
