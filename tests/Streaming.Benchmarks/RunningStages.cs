using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>Both stages as <c>driftd run</c> runs them, each on its thread in this process.</summary>
internal sealed class RunningStages : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Thread> _threads = [];

    public RunningStages(KafkaOptions kafka, ILogger? log = null)
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build())
        {
            new Topics(kafka.Prefix).CreateAsync(admin, kafka.Topics).GetAwaiter().GetResult();
        }

        foreach (var role in (StageRole[])[StageRole.Detect, StageRole.Decide])
        {
            var worker = new StreamWorker(kafka, role, Stage(role, kafka.Group, new Topics(kafka.Prefix).Commands), Telemetry, log ?? NullLogger.Instance, TimeProvider.System);
            Workers.Add(worker);
            var thread = new Thread(() => worker.Run(_stop.Token)) { Name = role.ToString() };
            thread.Start();
            _threads.Add(thread);
        }
    }

    public Telemetry Telemetry { get; } = new();

    public List<StreamWorker> Workers { get; } = [];

    /// <summary>A stage with the options of all measurements.</summary>
    public static IStage Stage(StageRole role, string group, string? commands = null)
    {
        var options = new MonitoringOptions { Group = group, LearnFor = TimeSpan.Zero, TriggerMaxAge = null };
        return role == StageRole.Detect ? new DetectStage(options, commands) : new DecideStage(options);
    }

    /// <summary>Waits for a condition.</summary>
    public static void Wait(Func<bool> condition)
    {
        using var never = new ManualResetEventSlim();
        while (!condition())
        {
            never.Wait(2);
        }
    }

    /// <summary>Stops as an operator does: all is committed and saved.</summary>
    public void Stop()
    {
        _stop.Cancel();
        _threads.ForEach(static thread => thread.Join());
    }

    public void Dispose()
    {
        Stop();
        _stop.Dispose();
        Telemetry.Dispose();
    }
}
