using System.CommandLine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Streaming.Host;

/// <summary><c>driftd demo</c>: everything in one process, on a broker inside it.</summary>
internal static class DemoCommand
{
    private const long DefaultEvents = 120_000;
    private const long FewestEvents = 40_000;
    private const long MostEvents = 10_000_000;
    private const int MostPartitions = 24;

    public static Command Create()
    {
        var scenario = new Option<string>("--scenario")
        {
            Description = "credit: a recession changes who repays, a trigger must come. seasonal: applicants follow a daily cycle, none may come. "
                + "stable: nothing changes, none may come. Default credit.",
            HelpName = "credit|seasonal|stable",
            DefaultValueFactory = static _ => "credit",
        };
        var events = new Option<long>("--events")
        {
            Description = $"Events in all, the change after half of them. {FewestEvents:N0} to {MostEvents:N0}. Default {DefaultEvents:N0}.",
            HelpName = "N",
            DefaultValueFactory = static _ => DefaultEvents,
        };
        var seed = new Option<ulong>("--seed") { Description = "Another seed, another world; the same seed, the same bytes. Default 42.", HelpName = "S", DefaultValueFactory = static _ => 42 };
        var partitions = new Option<int>("--partitions")
        {
            Description = $"Partitions that the events are spread over, 1,000 events/s of event time on each. 1 to {MostPartitions}. Default 4.",
            HelpName = "P",
            DefaultValueFactory = static _ => 4,
        };
        var verbose = new Option<bool>("--verbose") { Description = "Show the log of the stages and of librdkafka, on standard error." };
        var feed = new DemoFeedOptions();
        var command = new Command("demo", FileOptions.WithExamples(
            "Shows driftd at work without a Kafka: a broker inside this process, a credit-scoring model that publishes predictions, both stages, "
            + "and a reader of the triggers. Ends with exit code 0 when what was promised happened, else 1. With --bootstrap-servers it only publishes, "
            + "to a Kafka that is there, with the times of now; driftd run beside it finds the change.",
            "driftd demo",
            "driftd demo --scenario seasonal --partitions 12",
            "driftd demo --events 1000000 --seed 7",
            "driftd demo --bootstrap-servers 127.0.0.1:9092 --rate 500 --events 1000000 --change-at 20000"))
        {
            scenario, events, seed, partitions, verbose,
        };
        feed.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            var chosen = ScenarioOf(
                FileOptions.Choice<DemoKind>("--scenario", parsed.GetRequiredValue(scenario)),
                FileOptions.InRange("--events", parsed.GetValue(events), FewestEvents, MostEvents),
                FileOptions.InRange("--partitions", parsed.GetValue(partitions), 1, MostPartitions),
                parsed.GetValue(seed));
            return feed.Read(parsed, chosen) is { } published
                ? PublishAsync(published, parsed.InvocationConfiguration.Output, stop)
                : RunAsync(chosen, parsed.GetValue(verbose), parsed.InvocationConfiguration, stop);
        });
        return command;
    }

    // on a thread of its own, since it waits for brokers while Ctrl+C must be heard
    private static Task<int> PublishAsync(DemoFeed feed, TextWriter output, CancellationToken stop) => Task.Run(
        () =>
        {
            feed.Run(output, stop);
            return CommandLine.Fine;
        },
        CancellationToken.None);

    private static Scenario ScenarioOf(DemoKind kind, long events, int partitions, ulong seed) => kind switch
    {
        DemoKind.Credit => new Scenario { Kind = ScenarioKind.Credit, Events = events, Partitions = partitions, Seed = seed },
        DemoKind.Seasonal => new Scenario
        {
            Kind = ScenarioKind.Seasonal,
            Events = events,
            Partitions = partitions,
            Seed = seed,
            LowestError = 0.05,
            HighestError = 0.2,
            Lasts = TimeSpan.FromDays(Scenario.Cycles),
        },
        _ => new Scenario { Kind = ScenarioKind.Stable, Events = events, Partitions = partitions, Seed = seed, LowestError = 0.05, HighestError = 0.2 },
    };

    private static async Task<int> RunAsync(Scenario scenario, bool verbose, InvocationConfiguration console, CancellationToken stop)
    {
        var output = console.Output;
        await output.WriteLineAsync(
            $"driftd demo: {scenario.Kind.ToString().ToLowerInvariant()}, {scenario.Events.ToString("N0", DemoStory.Format)} events, "
            + $"{scenario.Partitions} {(scenario.Partitions == 1 ? "partition" : "partitions")}, seed {scenario.Seed}").ConfigureAwait(false);
        foreach (var line in DemoStory.Opening(scenario))
        {
            await output.WriteLineAsync("  " + line).ConfigureAwait(false);
        }

        await output.WriteLineAsync().ConfigureAwait(false);
        using ILoggerFactory logs = verbose ? Logs.Create(LogFormat.Text) : NullLoggerFactory.Instance;
        var run = new DemoRun(scenario, logs.CreateLogger("driftd"), verbose);
        var outcome = await new DemoScreen(scenario, output).WhileAsync(show => run.RunAsync(show, stop)).ConfigureAwait(false);
        await output.WriteLineAsync().ConfigureAwait(false);
        var verdict = new DemoVerdict(scenario, outcome);
        verdict.Write(output);
        if (verdict.Broken is { } broken)
        {
            await console.Error.WriteLineAsync("error: " + broken).ConfigureAwait(false);
            return CommandLine.Failed;
        }

        return CommandLine.Fine;
    }

    private enum DemoKind : byte
    {
        Credit,
        Seasonal,
        Stable,
    }
}
