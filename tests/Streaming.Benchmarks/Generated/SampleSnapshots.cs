using Streaming.Drift;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>Snapshots in which every kind of series occurs: their labels are read off, not written down a second time.</summary>
internal static class SampleSnapshots
{
    /// <summary>Telemetry that holds them.</summary>
    public static Telemetry Telemetry()
    {
        var telemetry = new Telemetry { Bound = MemoryBound.Of(new KafkaOptions { BootstrapServers = "k:9092" }, 2, PrometheusText.DefaultMaxSeries) };
        var detect = new DetectStage(new MonitoringOptions());
        var decide = new DecideStage(new MonitoringOptions());
        telemetry.Publish(StageRole.Detect, Worker(detect.Snapshot() with
        {
            Models = [new("m", "v", 1, 1, 1)],
            DeadLetters = [new("t", "broken_json", 1)],
        }));
        telemetry.Publish(StageRole.Decide, Worker(decide.Snapshot() with
        {
            Signals = [new("m", "adwin", DriftLevel.Drift, 1)],
            Triggers = [new("m", "adwin", 1)],
            Suppressed = [new("m", "observe", 1), new("m", "cooldown", 1), new("m", "age", 1), new("m", "budget", 1)],
            Commands = [new("m", "accepted", 1), new("m", "trained", 1), new("m", "deployed", 1), new("m", "failed", 1), new("m", "relearn", 1), new("m", "approval", 1)],
            Performance =
            [
                new("m", "v")
                {
                    Figures = [new("accuracy", "current", 1), new("accuracy", "cumulative", 1), new("accuracy", "reference", 1)],
                    Baselines = [new("majority", DriftLevel.Stable), new("mean", DriftLevel.Stable), new("last", DriftLevel.Stable)],
                    Delays = [new("", 0.5, 1), new("", 0.9, 1), new("", 0.99, 1)],
                },
            ],
            Policies = [new("m", TimeSpan.FromHours(1), 1)],
            Versions = [new("m", "v", 1, 1, [.. Enum.GetValues<LevelReason>().Select(Standing)], [new("feature:f", 1, 1, 0, 0, 0)], 0)],
        }));
        return telemetry;
    }

    private static StreamStanding Standing(LevelReason reason) =>
        new("m", "v", "feature:f", "d" + reason, DriftLevel.Stable, 1, 1, 1, 1) { Before = 1, LastDrift = 1, Reason = reason };

    private static WorkerSnapshot Worker(StageSnapshot stage) => new()
    {
        Stage = stage,
        Lags = [new("t", 0, 1)],
        EventTimeDelay = 1,
        CommittedAt = DateTimeOffset.UnixEpoch,
    };
}
