using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>Both stages on a real broker, inside the test's process.</summary>
internal sealed class Driftd : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    public Driftd(KafkaOptions kafka, MonitoringOptions monitoring, params StageRole[] roles)
    {
        foreach (var role in roles.Length > 0 ? roles : [StageRole.Detect, StageRole.Decide])
        {
            IStage stage = role == StageRole.Detect ? new DetectStage(monitoring) : new DecideStage(monitoring);
            var worker = new StreamWorker(kafka, role, stage, Telemetry, Log, TimeProvider.System);
            Workers.Add(worker);
            _running.Add(Task.Factory.StartNew(() => worker.Run(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
    }

    public Telemetry Telemetry { get; } = new();

    public LogLines Log { get; } = new();

    public List<StreamWorker> Workers { get; } = [];

    public long Events => Telemetry.Latest(StageRole.Detect).Stage.Models.Sum(model => model.Events);

    /// <summary>Partitions of the input that it has, commands left out.</summary>
    public int Has(StageRole role) => Telemetry.Latest(role).Lags.Count(static lag => !lag.Topic.EndsWith("commands", StringComparison.Ordinal));

    public long Lag(StageRole role) => Telemetry.Latest(role).Lags.Sum(lag => lag.Lag);

    /// <summary>The worker's end: completes when it failed or was stopped.</summary>
    public Task Ended => Task.WhenAny(_running).Unwrap();

    public async Task Stop()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        Telemetry.Dispose();
    }
}
