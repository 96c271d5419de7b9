using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
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
        var options = new KafkaOptions { BootstrapServers = servers, Topics = [topic], Group = $"bare-{round}" };
        var configuration = KafkaProperties.Consumer(options, options.Group);
        configuration.AutoOffsetReset = AutoOffsetReset.Earliest;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(configuration).SetLogHandler(static (_, _) => { }).Build();
        consumer.Subscribe(topic);
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
        var kafka = new KafkaOptions
        {
            BootstrapServers = servers,
            Topics = [topic],
            Labels = labels is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [topic] = labels },
            Group = "driftd-" + name,
            Prefix = name + ".",
            CommitInterval = CommitInterval,
        };
        var records = labels is null ? events : 2L * events;
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build())
        {
            new Topics(kafka.Prefix).CreateAsync(admin, [topic]).GetAwaiter().GetResult();
        }

        using var telemetry = new Telemetry();
        using var stop = new CancellationTokenSource();
        var monitoring = new MonitoringOptions { Group = kafka.Group, LearnFor = TimeSpan.Zero, TriggerMaxAge = null };
        var threads = new List<Thread>();
        foreach (var role in (StageRole[])[StageRole.Detect, StageRole.Decide])
        {
            IStage stage = role == StageRole.Detect ? new DetectStage(monitoring) : new DecideStage(monitoring);
            var worker = new StreamWorker(kafka, role, stage, telemetry, NullLogger.Instance, TimeProvider.System);
            var thread = new Thread(() => worker.Run(stop.Token)) { Name = role.ToString() };
            thread.Start();
            threads.Add(thread);
        }

        Wait(() => telemetry.Latest(StageRole.Detect).Records > 0);

        // the first records were taken up to one commit interval before they showed
        var (wall, cpu, early) = (Stopwatch.StartNew(), Cpu(), CommitInterval);
        Wait(() => telemetry.Latest(StageRole.Detect).Records >= records);
        var figure = Figure.Of(events, wall.Elapsed + early, Cpu() - cpu);
        stop.Cancel();
        threads.ForEach(static thread => thread.Join());
        return figure;
    }

    private static void Wait(Func<bool> condition)
    {
        using var never = new ManualResetEventSlim();
        while (!condition())
        {
            never.Wait(2);
        }
    }

    private static TimeSpan Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
