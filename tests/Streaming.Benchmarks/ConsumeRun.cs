using System.Diagnostics;
using Confluent.Kafka;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>How fast one run was.</summary>
internal readonly record struct Figure(double PerSecond, double PerCpuSecond)
{
    public static Figure Of(int events, TimeSpan wall, TimeSpan cpu) => new(events / wall.TotalSeconds, events / cpu.TotalSeconds);
}

/// <summary>One pass over a topic: from its first record to its last.</summary>
internal static class ConsumeRun
{
    private static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>The client's consume loop, which only counts.</summary>
    public static Figure Bare(string servers, string topic, int events, int round)
    {
        using var consumer = PlainStage.Consumer(new KafkaOptions { BootstrapServers = servers, Topics = [topic] }, $"bare-{round}", topic);
        var (seen, wall, cpu) = (0, Stopwatch.StartNew(), Cpu());
        while (seen < events)
        {
            if (consumer.Consume(100) is { IsPartitionEOF: false } && seen++ == 0)
            {
                (wall, cpu) = (Stopwatch.StartNew(), Cpu());
            }
        }

        var figure = Figure.Of(events, wall.Elapsed, Cpu() - cpu);
        consumer.Close();
        return figure;
    }

    /// <summary>Both stages as <c>driftd run</c> runs them; timed until the last record's outputs are committed.</summary>
    /// <param name="servers">The brokers.</param>
    /// <param name="topic">Topic of the events.</param>
    /// <param name="events">How many there are.</param>
    /// <param name="round">Number of the run, for names that no other run has.</param>
    /// <param name="labels">Topic of as many labels; null where they are inside the events.</param>
    public static Figure Driftd(string servers, string topic, int events, int round, string? labels = null)
    {
        var name = topic + (labels is null ? "" : "-" + labels) + round;
        var kafka = Options(servers, topic, "driftd-" + name, name + ".") with
        {
            Labels = labels is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [topic] = labels },
        };
        using var running = new RunningStages(kafka);
        return Timed(events, labels is null ? events : 2L * events, () => running.Telemetry.Latest(StageRole.Detect).Records);
    }

    /// <summary>
    /// The same stages without what makes them exactly-once: an idempotent producer in place of transactions, offsets committed once what they cover is
    /// acknowledged, no state saved. A crash counts up to an interval's records twice and forgets what was learnt.
    /// </summary>
    public static Figure Plain(string servers, string topic, int events, int round)
    {
        var kafka = Options(servers, topic, $"plain-{round}", $"plain{round}.");
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build())
        {
            new Topics(kafka.Prefix).CreateAsync(admin, [topic]).GetAwaiter().GetResult();
        }

        using var detect = new PlainStage(kafka, StageRole.Detect);
        using var decide = new PlainStage(kafka, StageRole.Decide);
        return Timed(events, events, () => detect.Committed);
    }

    private static KafkaOptions Options(string servers, string topic, string group, string prefix) =>
        new() { BootstrapServers = servers, Topics = [topic], Group = group, Prefix = prefix, CommitInterval = CommitInterval };

    private static Figure Timed(int events, long records, Func<long> committed)
    {
        RunningStages.Wait(() => committed() > 0);

        // the first records were taken up to one commit interval before they showed
        var (wall, cpu, early) = (Stopwatch.StartNew(), Cpu(), CommitInterval);
        RunningStages.Wait(() => committed() >= records);
        return Figure.Of(events, wall.Elapsed + early, Cpu() - cpu);
    }

    private static TimeSpan Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
