using System.Text.Json;
using Microsoft.Extensions.Logging;
using Streaming.Drift;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>How far a demo is.</summary>
internal readonly record struct DemoProgress(long Events, long Errors, DriftLevel ErrorLevel, IReadOnlyList<JsonElement> Triggers);

/// <summary>What a demo saw.</summary>
/// <param name="Events">Events written and taken.</param>
/// <param name="Triggers">Triggers, oldest first.</param>
/// <param name="Drifts">Signals that entered Drift.</param>
/// <param name="FirstChanged">Offset of the first changed event of each partition.</param>
internal sealed record DemoOutcome(long Events, IReadOnlyList<JsonElement> Triggers, long Drifts, IReadOnlyList<long> FirstChanged);

/// <summary>Everything in one process: broker, publisher, both stages, a reader of what they publish.</summary>
internal sealed class DemoRun(Scenario scenario, ILogger log, bool verbose)
{
    private const string Predictions = "predictions";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(10);

    private readonly Topics _topics = new("drift.");

    /// <summary>Runs it to the end.</summary>
    /// <param name="show">Told several times a second how far it is.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="IOException">Not every event that was written was taken.</exception>
    /// <exception cref="WorkerFailedException">A stage failed.</exception>
    public async Task<DemoOutcome> RunAsync(Action<DemoProgress> show, CancellationToken stop)
    {
        using var broker = new EmbeddedBroker(TopicPartitions());
        using var telemetry = new Telemetry();
        using var workers = new Workers(Options(broker.BootstrapServers), telemetry, log);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var counts = new DemoCounts(telemetry);
        var publisher = new DemoPublisher(scenario, broker.BootstrapServers, Predictions, counts, verbose);
        var reader = new DemoReader(broker.BootstrapServers, _topics, verbose);
        workers.Start();
        Task[] running = [Begin(() => publisher.Run(ending.Token)), Begin(() => reader.Run(ending.Token)), workers.EndedOr(ending.Token)];
        try
        {
            await WatchAsync(publisher, reader, counts, running, show, stop).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await workers.Stop(StopDeadline).ConfigureAwait(false);
            await Task.WhenAll(running).ConfigureAwait(false);
        }

        return new DemoOutcome(counts.Events, [.. reader.Triggers], reader.Drifts, publisher.FirstChanged);
    }

    private static Task Begin(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private async Task WatchAsync(
        DemoPublisher publisher, DemoReader reader, DemoCounts counts, Task[] running, Action<DemoProgress> show, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        var (moved, movedAt) = (-1L, TimeProvider.System.GetTimestamp());
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            show(new DemoProgress(counts.Events, counts.Errors, counts.ErrorLevel, [.. reader.Triggers]));
            if (running[0].IsCompletedSuccessfully && counts.Events == scenario.Events && counts.PanesAhead == 0 && reader.Read == counts.Decisions)
            {
                return;
            }

            var position = publisher.Published + counts.Events + reader.Read - counts.PanesAhead;
            if (position != moved)
            {
                (moved, movedAt) = (position, TimeProvider.System.GetTimestamp());
            }

            // a publisher that is done is no failure; whatever else ends here is
            if (Array.Exists(running, task => task.IsFaulted || (task.IsCompleted && task != running[0]))
                || TimeProvider.System.GetElapsedTime(movedAt) > Patience)
            {
                throw await FailureAsync(running, publisher, counts).ConfigureAwait(false);
            }
        }
    }

    private static async Task<Exception> FailureAsync(Task[] running, DemoPublisher publisher, DemoCounts counts)
    {
        foreach (var task in running.Where(static task => task.IsFaulted))
        {
            await task.ConfigureAwait(false);
        }

        return new IOException($"{publisher.Published} events were written, {counts.Events} were taken and {counts.DeadLetters} refused");
    }

    private Dictionary<string, int> TopicPartitions()
    {
        var partitions = _topics.Written.Distinct(StringComparer.Ordinal).ToDictionary(static topic => topic, static _ => 1, StringComparer.Ordinal);
        (partitions[Predictions], partitions[_topics.State(StageRole.Detect)]) = (scenario.Partitions, scenario.Partitions);
        return partitions;
    }

    private DriftdOptions Options(string bootstrapServers) => new()
    {
        Kafka = new KafkaOptions
        {
            BootstrapServers = bootstrapServers,
            Topics = [Predictions],
            Group = "demo",
            IsEmbedded = true,
            CommitInterval = TimeSpan.FromMilliseconds(50),
            IdleFlush = TimeSpan.Zero,

            // the embedded broker leaves the checksum of its commit markers out
            Properties = new Dictionary<string, string> { ["check.crcs"] = "false" },
        },
        Monitoring = new MonitoringOptions
        {
            Group = "demo",
            LearnFor = scenario.Kind == ScenarioKind.Seasonal ? scenario.Cycle : TimeSpan.Zero,
            TriggerMaxAge = null,
        },
    };
}
